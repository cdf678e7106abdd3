//! In which order principals and resources stand so that few edges cross: sweeps that sort one side by the mean place of
//! its neighbours, of which the best is kept. Knows numbers only.

/// How often both sides are sorted; more gives nothing that can be seen.
const SWEEPS: usize = 12;

/// Edges above which one sweep has to do, since counting crossings takes time with their square.
const MANY_EDGES: usize = 1500;

/// The order of both sides: numbers of vertices from top to bottom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Order {
    /// Principals.
    pub(super) left: Vec<usize>,
    /// Resources; those of one group stand together.
    pub(super) right: Vec<usize>,
}

/// Sorts `left` vertices and the vertices of the right side, whose groups are given, for some edges.
pub(super) fn order(left: usize, groups: &[usize], edges: &[(usize, usize)]) -> Order {
    let right = groups.len();
    let mut best =
        Order { left: (0..left).collect(), right: in_groups((0..right).collect(), groups, |at| at as f64) };
    let sweeps = if edges.len() > MANY_EDGES { 1 } else { SWEEPS };
    let mut fewest = if sweeps > 1 { crossings(&best, edges) } else { usize::MAX };
    let mut current = best.clone();
    for _ in 0..sweeps {
        let places = places(&current.left);
        let mean =
            |vertex: usize| mean(edges.iter().filter(|(_, to)| *to == vertex).map(|(from, _)| places[*from]));
        let means: Vec<f64> = (0..right).map(mean).collect();
        current.right = in_groups(current.right, groups, |vertex| means[vertex]);
        let places = self::places(&current.right);
        let mean = |vertex: usize| {
            self::mean(edges.iter().filter(|(from, _)| *from == vertex).map(|(_, to)| places[*to]))
        };
        let means: Vec<f64> = (0..left).map(mean).collect();
        current.left.sort_by(|a, b| means[*a].total_cmp(&means[*b]));
        let found = if sweeps > 1 { crossings(&current, edges) } else { 0 };
        if found < fewest {
            (fewest, best) = (found, current.clone());
        }
    }
    best
}

/// The vertices by their value, those of one group together and the groups by the mean of theirs.
fn in_groups(mut vertices: Vec<usize>, groups: &[usize], value: impl Fn(usize) -> f64) -> Vec<usize> {
    let count = groups.iter().max().map_or(0, |last| last + 1);
    let of = |group: usize| {
        mean_of(groups.iter().enumerate().filter(|(_, own)| **own == group).map(|(v, _)| value(v)))
    };
    let means: Vec<f64> = (0..count).map(of).collect();
    vertices.sort_by(|a, b| {
        let (ga, gb) = (groups[*a], groups[*b]);
        means[ga].total_cmp(&means[gb]).then(ga.cmp(&gb)).then(value(*a).total_cmp(&value(*b)))
    });
    vertices
}

/// The place of each vertex.
pub(super) fn places(order: &[usize]) -> Vec<usize> {
    let mut places = vec![0; order.len()];
    for (place, vertex) in order.iter().enumerate() {
        places[*vertex] = place;
    }
    places
}

/// The mean of some places; without any it is last.
fn mean(places: impl Iterator<Item = usize>) -> f64 {
    mean_of(places.map(|place| place as f64))
}

fn mean_of(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    if count > 0.0 { sum / count } else { f64::MAX }
}

/// How many pairs of edges cross.
pub(super) fn crossings(order: &Order, edges: &[(usize, usize)]) -> usize {
    let (left, right) = (places(&order.left), places(&order.right));
    let drawn: Vec<(usize, usize)> = edges.iter().map(|(from, to)| (left[*from], right[*to])).collect();
    let cross = |one: &(usize, usize), other: &(usize, usize)| {
        (one.0 < other.0 && one.1 > other.1) || (one.0 > other.0 && one.1 < other.1)
    };
    drawn
        .iter()
        .enumerate()
        .map(|(at, one)| drawn[at + 1..].iter().filter(|other| cross(one, other)).count())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_are_untangled_where_they_can_be() {
        let edges = [(0, 3), (1, 2), (2, 1), (3, 0)];
        let found = order(4, &[0, 1, 2, 3], &edges);
        assert_eq!(crossings(&found, &edges), 0);
    }

    #[test]
    fn groups_stand_together_and_every_vertex_is_there_once() {
        let edges = [(0, 0), (0, 2), (1, 1), (2, 3), (2, 0)];
        let found = order(4, &[0, 1, 0, 1], &edges);
        let groups: Vec<usize> = found.right.iter().map(|vertex| [0, 1, 0, 1][*vertex]).collect();
        assert!(groups == [0, 0, 1, 1] || groups == [1, 1, 0, 0], "{groups:?}");
        let mut left = found.left.clone();
        left.sort_unstable();
        assert_eq!(left, [0, 1, 2, 3]);
        assert_eq!(order(0, &[], &[]), Order { left: vec![], right: vec![] });
    }
}
