//! What changes make of the bytes around them: layout, comments, blank lines, commas and line breaks, case by case.

mod syntax_support;

use samwire::syntax::{Change, Document, Fragment, Place, Refusal, lower};
use syntax_support::changes::{
    at, check_json, check_yaml, connector, entry, insert, items, remove, replace, text, with_blank_line,
};
use syntax_support::yaml;

const FUNCTION: &str = "\
Resources:
  Fn:
    Type: AWS::Serverless::Function
    # about the properties
    Properties:
      Handler: a.b # the handler
      # about the policies
      Policies: # all of them
        # first
        - DynamoDBReadPolicy:
            TableName: !Ref Orders # the table
        - AWSLambdaExecute
          # behind the last

  Orders:
    Type: AWS::Serverless::SimpleTable
";

#[test]
fn a_connector_takes_the_place_of_policies() {
    let after = "\
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Connectors:
      ToOrders:
        Properties:
          Destination:
            Id: Orders
          Permissions:
            - Read
            - Write
    # about the properties
    Properties:
      Handler: a.b # the handler

  Orders:
    Type: AWS::Serverless::SimpleTable
";
    check_yaml(FUNCTION, after, |doc| {
        vec![
            remove(doc, "Resources.Fn.Properties.Policies"),
            insert(doc, "Resources.Fn", Place::Before(1), connector()),
        ]
    });
}

#[test]
fn removed_entries_take_their_comments_and_no_others() {
    let doc = yaml(FUNCTION);
    let Change::Remove { collection, index } = remove(&doc, "Resources.Fn.Properties.Policies") else {
        panic!()
    };
    let comments: Vec<_> = (doc.owned_comments(collection, index).into_iter())
        .map(|comment| doc.source().slice(doc.comments()[comment].span))
        .collect();
    let owned = ["# about the policies", "# all of them", "# first", "# the table", "# behind the last"];
    assert_eq!(comments, owned);
    let Change::Remove { collection, index } = remove(&doc, "Resources.Fn.Properties.Handler") else {
        panic!()
    };
    assert_eq!(doc.owned_comments(collection, index).len(), 1);
    let Change::Remove { collection, index } = remove(&doc, "Resources.Fn.Properties.Policies.1") else {
        panic!()
    };
    let [comment] = doc.owned_comments(collection, index)[..] else { panic!() };
    assert_eq!(doc.source().slice(doc.comments()[comment].span), "# behind the last");
}

#[test]
fn a_resource_goes_behind_one_whose_last_property_goes() {
    let after = FUNCTION
        .replace("      # about the policies\n", "")
        .replace(
            &FUNCTION[FUNCTION.find("      Policies").unwrap()..FUNCTION.find("\n  Orders").unwrap()],
            "",
        )
        .replace("the handler\n", "the handler\n\n  FnToOrders:\n    Type: AWS::Serverless::Connector\n");
    check_yaml(FUNCTION, &after, |doc| {
        let new = vec![entry("FnToOrders", Fragment::map([("Type", text("AWS::Serverless::Connector"))]))];
        vec![
            remove(doc, "Resources.Fn.Properties.Policies"),
            with_blank_line(insert(doc, "Resources", Place::After(0), new)),
        ]
    });
}

#[test]
fn the_last_lines_of_a_text_can_go() {
    let before = "a: 1\n\nb:\n  c: 1\n  d: 2\n";
    check_yaml(before, "a: 1\n\nb:\n  c: 1\n", |doc| vec![remove(doc, "b.d")]);
    check_yaml(before, "a: 1\n", |doc| vec![remove(doc, "b")]);
    check_yaml(before, "a: 1\n\ne: x\n", |doc| {
        vec![remove(doc, "b"), with_blank_line(insert(doc, "", Place::Last, vec![entry("e", text("x"))]))]
    });
    check_yaml(before, "a: 1\n\ne: x\n", |doc| {
        vec![remove(doc, "b"), insert(doc, "", Place::Before(1), vec![entry("e", text("x"))])]
            .into_iter()
            .map(with_blank_line)
            .collect()
    });
}

#[test]
fn blank_lines_do_not_meet() {
    let before = "a: 1\n\nb: 2\n\nc: 3\nd: 4\n\ne: 5\n";
    check_yaml(before, "a: 1\n\nc: 3\nd: 4\n\ne: 5\n", |doc| vec![remove(doc, "b")]);
    check_yaml(before, "a: 1\n\nb: 2\n\nc: 3\n\ne: 5\n", |doc| vec![remove(doc, "d")]);
    check_yaml(before, "a: 1\n\nb: 2\n\nd: 4\n\ne: 5\n", |doc| vec![remove(doc, "c")]);
    check_yaml(before, "a: 1\n\ne: 5\n", |doc| vec![remove(doc, "b"), remove(doc, "c"), remove(doc, "d")]);
    check_yaml(before, "a: 1\n\nb: 2\n\nc: 3\nd: 4\n\nx: w\n\ne: 5\n", |doc| {
        vec![with_blank_line(insert(doc, "", Place::After(3), vec![entry("x", text("w"))]))]
    });
    check_yaml(before, "a: 1\n\nb: 2\n\nx: w\nc: 3\nd: 4\n\ne: 5\n", |doc| {
        vec![with_blank_line(insert(doc, "", Place::Before(2), vec![entry("x", text("w"))]))]
    });
}

#[test]
fn banners_and_comments_set_apart_stay() {
    let before = "\
a: 1

# set apart

# ----------
# Section
# ----------
# about b
b:
  - x
  # below the item
  # ---

# before c
c: 1
";
    let after = "\
a: 1

# set apart

# ----------
# Section
# ----------
  # ---

# before c
c: 1
";
    check_yaml(before, after, |doc| vec![remove(doc, "b")]);
}

#[test]
fn the_first_of_a_mapping_behind_a_dash_can_go() {
    let before = "a:\n  - B: 1\n    C: 2 # c\n    D: 3\n  - - x\n    - y\n";
    check_yaml(before, "a:\n  - C: 2 # c\n    D: 3\n  - - x\n    - y\n", |doc| vec![remove(doc, "a.0.B")]);
    check_yaml(before, "a:\n  - D: 3\n  - - x\n    - y\n", |doc| {
        vec![remove(doc, "a.0.B"), remove(doc, "a.0.C")]
    });
    check_yaml(before, "a:\n  - B: 1\n    C: 2 # c\n    D: 3\n  - - y\n", |doc| vec![remove(doc, "a.1.0")]);
    check_yaml(before, "a:\n  - New: x\n    B: 1\n    C: 2 # c\n    D: 3\n  - - x\n    - y\n", |doc| {
        vec![insert(doc, "a.0", Place::First, vec![entry("New", text("x"))])]
    });
    let commented = "a:\n  - B: 1\n    # about C\n    C: 2\n";
    check_yaml(commented, "a:\n  -\n    # about C\n    C: 2\n", |doc| vec![remove(doc, "a.0.B")]);
}

#[test]
fn lists_follow_their_neighbours() {
    for (indent, gap) in [("", " "), ("  ", " "), (" ", " "), ("    ", "   ")] {
        let before = format!("A:\n  P:\n  {indent}-{gap}x\n  {indent}-{gap}y\n  Z: 1\n");
        let after =
            format!("A:\n  P:\n  {indent}-{gap}x\n  {indent}-{gap}K: v\n  {indent} {gap}L: w\n  Z: 1\n");
        check_yaml(&before, &after, |doc| {
            vec![replace(doc, "A.P.1", vec![Fragment::map([("K", text("v")), ("L", text("w"))])])]
        });
        let after = format!("{before}  Q:\n  {indent}- m\n");
        check_yaml(&before, &after, |doc| {
            vec![insert(doc, "A", Place::Last, vec![entry("Q", Fragment::list([text("m")]))])]
        });
    }
}

#[test]
fn replaced_items_become_one_or_more() {
    let before = "P:\n  # about one\n  - one # 1\n    # below\n  - two\n";
    check_yaml(before, "P:\n  - a\n  - 'no'\n  - two\n", |doc| {
        vec![replace(doc, "P.0", vec![text("a"), text("no")])]
    });
    check_yaml(before, "P:\n  - a\n", |doc| vec![replace(doc, "P.0", vec![text("a")]), remove(doc, "P.1")]);
    check_yaml("P:\n  A: 1 # one\n  B: 2\n", "P:\n  A:\n    C: d\n  B: 2\n", |doc| {
        vec![replace(doc, "P.A", vec![Fragment::map([("C", text("d"))])])]
    });
    check_yaml("P: [a, b, c]\n", "P: [a, x, w, c]\n", |doc| {
        vec![replace(doc, "P.1", vec![text("x"), text("w")])]
    });
}

#[test]
fn replaced_values_keep_the_comments_around_them() {
    let value = |doc: &Document, path: &str, value: Fragment| {
        vec![Change::ReplaceValue { node: at(doc, path), value }]
    };
    check_yaml("A: one # why\nB: 2\n", "A: two # why\nB: 2\n", |doc| value(doc, "A", text("two")));
    check_yaml("A:\n  - x # why\nB: 2\n", "A: two # why\nB: 2\n", |doc| value(doc, "A", text("two")));
    check_yaml("A: # why\n  - x\nB: 2\n", "A: # why\n  two\nB: 2\n", |doc| value(doc, "A", text("two")));
    check_yaml("A: # why\n  - x\nB: 2\n", "A: # why\n  K: v\nB: 2\n", |doc| {
        value(doc, "A", Fragment::map([("K", text("v"))]))
    });
    check_yaml("A: !Sub x\nB:\n  - y\n", "A:\n  - w\n  - z\nB:\n  - y\n", |doc| {
        value(doc, "A", Fragment::list([text("w"), text("z")]))
    });
    check_yaml("A:\n- x: 1\n", "A:\n- K: v\n  L: w\n", |doc| {
        value(doc, "A.0", Fragment::map([("K", text("v")), ("L", text("w"))]))
    });
    check_yaml("A: {b: [c, 'd']}\n", "A: {b: !Ref e}\n", |doc| {
        value(doc, "A.b", Fragment::intrinsic("Ref", text("e")))
    });
    check_yaml("A:\nB: 1\n", "A: x\nB: 1\n", |doc| value(doc, "A", text("x")));
}

#[test]
fn commas_stay_right_in_flow_collections() {
    let before = "A: [a, b, c]\n";
    check_yaml(before, "A: [b, c]\n", |doc| vec![remove(doc, "A.0")]);
    check_yaml(before, "A: [a, c]\n", |doc| vec![remove(doc, "A.1")]);
    check_yaml(before, "A: [a, b]\n", |doc| vec![remove(doc, "A.2")]);
    check_yaml(before, "A: [a]\n", |doc| vec![remove(doc, "A.2"), remove(doc, "A.1")]);
    check_yaml(before, "A: [b, x]\n", |doc| {
        vec![remove(doc, "A.0"), remove(doc, "A.2"), items(doc, "A", Place::Last, vec![text("x")])]
    });
    check_yaml(before, "A: [x, c]\n", |doc| {
        vec![remove(doc, "A.0"), remove(doc, "A.1"), items(doc, "A", Place::After(1), vec![text("x")])]
    });
    check_yaml(before, "A: [x]\n", |doc| {
        let mut changes: Vec<_> = ["A.0", "A.1", "A.2"].iter().map(|path| remove(doc, path)).collect();
        changes.push(items(doc, "A", Place::First, vec![text("x")]));
        changes
    });
    check_yaml("A: []\n", "A: [x, w]\n", |doc| {
        vec![items(doc, "A", Place::First, vec![text("x"), text("w")])]
    });
    let lines = "A: [\n    a, # 1\n    b, # 2\n    c # 3\n  ]\n";
    check_yaml(lines, "A: [\n    a, # 1\n    b # 2\n  ]\n", |doc| vec![remove(doc, "A.2")]);
    check_yaml(lines, "A: [\n    b, # 2\n    c # 3\n  ]\n", |doc| vec![remove(doc, "A.0")]);
    check_yaml(lines, "A: [\n    a, # 1\n    b, # 2\n    c, # 3\n    x\n  ]\n", |doc| {
        vec![items(doc, "A", Place::Last, vec![text("x")])]
    });
    check_yaml(lines, "A: [\n    a, # 1\n    x,\n    c # 3\n  ]\n", |doc| {
        vec![remove(doc, "A.1"), items(doc, "A", Place::After(0), vec![text("x")])]
    });
    check_yaml("A: [\n  a,\n  b,\n  ]\n", "A: [\n  a,\n  x,\n  ]\n", |doc| {
        vec![remove(doc, "A.1"), items(doc, "A", Place::Last, vec![text("x")])]
    });
}

#[test]
fn json_is_written_as_json() {
    let before =
        "{\n  \"R\": {\n    \"A\": {\"x\": 1},\n    \"P\": [\n      \"a\",\n      \"b\"\n    ]\n  }\n}\n";
    let after = "{\n  \"R\": {\n    \"C\": {\n      \"Id\": \"x\",\n      \"L\": [\n        \"Read\"\n      ]\n    },\n    \"A\": {\"x\": 1}\n  }\n}\n";
    check_json(before, after, |doc| {
        let value = Fragment::map([("Id", text("x")), ("L", Fragment::list([text("Read")]))]);
        vec![remove(doc, "R.P"), insert(doc, "R", Place::Before(0), vec![entry("C", value)])]
    });
    check_json(before, &before.replace("\"b\"", "\"b\",\n      {\n        \"Fn::GetAtt\": [\n          \"T\",\n          \"Arn\"\n        ]\n      }"), |doc| {
        vec![items(doc, "R.P", Place::Last, vec![Fragment::intrinsic("GetAtt", text("T.Arn"))])]
    });
    let tabs = before.replace("  ", "\t");
    check_json(&tabs, &tabs.replace("\"b\"", "\"b\",\n\t\t\t{\n\t\t\t\t\"Ref\": \"T\"\n\t\t\t}"), |doc| {
        vec![items(doc, "R.P", Place::Last, vec![Fragment::intrinsic("Ref", text("T"))])]
    });
    check_json("{\"a\":[1,2],\"b\":3}\n", "{\"a\":[1],\"b\":3,\"c\":{\"d\":[\"e\",\"f\"]}}\n", |doc| {
        let value = Fragment::map([("d", Fragment::list([text("e"), text("f")]))]);
        vec![remove(doc, "a.1"), insert(doc, "", Place::Last, vec![entry("c", value)])]
    });
}

#[test]
fn json_on_one_line_stays_there() {
    let before = "{\n  \"P\": [\n    {\"A\": {\"Ref\": \"T\"}},\n    \"b\"\n  ]\n}\n";
    let rest = || Fragment::map([("B", Fragment::list([text("c"), Fragment::intrinsic("Ref", text("T"))]))]);
    check_json(
        before,
        &before.replace("{\"A\": {\"Ref\": \"T\"}}", "{\"B\": [\"c\", {\"Ref\": \"T\"}]}"),
        |doc| vec![replace(doc, "P.0", vec![rest()])],
    );
    check_json(before, &before.replace("\"b\"", "\"b\",\n    {\"B\": [\"c\", {\"Ref\": \"T\"}]}"), |doc| {
        vec![items(doc, "P", Place::Last, vec![rest()])]
    });
    check_json(before, &before.replace("{\"Ref\": \"T\"}", "{\"Fn::Sub\": \"x\"}"), |doc| {
        vec![Change::ReplaceValue { node: at(doc, "P.0.A"), value: Fragment::intrinsic("Sub", text("x")) }]
    });
}

#[test]
fn intrinsics_take_the_form_of_the_file() {
    let sub = || Fragment::intrinsic("Sub", text("${A}-x"));
    let condition = || {
        Fragment::intrinsic(
            "If",
            Fragment::list([text("C"), sub(), Fragment::intrinsic("Ref", text("AWS::NoValue"))]),
        )
    };
    check_yaml(
        "A: !Ref x\nB: 1\n",
        "A: !Ref x\nC: !If\n  - C\n  - !Sub ${A}-x\n  - !Ref AWS::NoValue\nD:\n  - Fn::Base64: !Sub ${A}-x\n  - !If\n    - C\n    - !Sub ${A}-x\n    - !Ref AWS::NoValue\nB: 1\n",
        |doc| {
            let list = Fragment::list([Fragment::intrinsic("Base64", sub()), condition()]);
            vec![insert(doc, "", Place::Before(1), vec![entry("C", condition()), entry("D", list)])]
        },
    );
    check_yaml("A:\n  Ref: x\n", "A:\n  Ref: x\nC:\n  Fn::Sub: ${A}-x\nD:\n  Condition: w\n", |doc| {
        let condition = Fragment::intrinsic("Condition", text("w"));
        vec![insert(doc, "", Place::Last, vec![entry("C", sub()), entry("D", condition)])]
    });
}

#[test]
fn copies_keep_bytes_and_values() {
    let before = "\
A:
  Deep:
    Doc: !If # if
      - C
      - Text: |
          one
            two

          three
        'Q':   \"x\"   # odd
      - {a: [b,
         c]}
B: 1
";
    let after = "\
A:
  Deep:
    Doc: !If # if
      - C
      - Text: |
          one
            two

          three
        'Q':   \"x\"   # odd
      - {a: [b,
         c]}
Up: !If # if
  - C
  - Text: |
      one
        two

      three
    'Q':   \"x\"   # odd
  - {a: [b,
     c]}
L:
  - Text: |
      one
        two

      three
    'Q':   \"x\"
  - |
    one
      two

    three
B: 1
";
    check_yaml(before, after, |doc| {
        let copy = |path: &str| Fragment::Copy(at(doc, path));
        let list = Fragment::list([copy("A.Deep.Doc.1"), copy("A.Deep.Doc.1.Text")]);
        vec![insert(doc, "", Place::Before(1), vec![entry("Up", copy("A.Deep.Doc")), entry("L", list)])]
    });
    let flat = "A: [x]\nB:\n  c: !Ref d\n  e:\n    - 'f'\n    - g, h\n";
    check_yaml(
        flat,
        "A: [x, {c: !Ref d, e: ['f', 'g, h']}]\nB:\n  c: !Ref d\n  e:\n    - 'f'\n    - g, h\n",
        |doc| vec![items(doc, "A", Place::Last, vec![Fragment::Copy(at(doc, "B"))])],
    );
}

#[test]
fn comments_of_new_entries_stand_above_their_keys() {
    let new = || entry("M", Fragment::map([("k", text("v"))])).with_comments(["# one", "# two"]);
    check_yaml("a:\n  b: 1\n", "a:\n  # one\n  # two\n  M:\n    k: v\n  b: 1\n", |doc| {
        vec![insert(doc, "a", Place::First, vec![new()])]
    });
    check_yaml("a:\n  - x\n", "a:\n  - x\n  # one\n  # two\n  - M:\n      k: v\n", |doc| {
        vec![items(doc, "a", Place::Last, vec![Fragment::Mapping(vec![new()])])]
    });
    check_yaml("a: {\n  b: 1\n  }\n", "a: {\n  b: 1,\n  # one\n  # two\n  M: {k: v}\n  }\n", |doc| {
        vec![insert(doc, "a", Place::Last, vec![new()])]
    });
}

#[test]
fn block_scalars_take_nothing_in() {
    let before = "A: |\n  text\nB: 1\n      \nC: 2\n";
    check_yaml(before, "A: |\n  text\nC: 2\n", |doc| vec![remove(doc, "B")]);
    let keep = "A: |+\n  text\n\nB: 1\n\nC: 2\n";
    let doc = yaml(keep);
    let error = lower(&doc, &[remove(&doc, "B")]).unwrap_err();
    assert!(matches!(error.reason, Refusal::Unsupported { .. }), "{error}");
    let doc = yaml("A: |\n  text\nB: 1\n\n    # set apart\nC: 2\n");
    let error = lower(&doc, &[remove(&doc, "B")]).unwrap_err();
    assert!(matches!(error.reason, Refusal::Unsupported { .. }), "{error}");
}

#[test]
fn what_cannot_be_done_safely_is_refused() {
    let refusal = |text: &str, changes: &dyn Fn(&Document) -> Vec<Change>| {
        let doc = yaml(text);
        lower(&doc, &changes(&doc)).expect_err(text).reason
    };
    let all = |doc: &Document| vec![remove(doc, "A.0")];
    assert_eq!(refusal("A:\n  - x\n", &all), Refusal::WouldEmpty);
    assert_eq!(refusal("A: [x]\n", &all), Refusal::WouldEmpty);
    let first = |doc: &Document| vec![remove(doc, "A.x")];
    assert_eq!(refusal("A:\n  x: 1\n  y: 1\n  y: 2\n", &first), Refusal::DuplicateKeys);
    assert_eq!(refusal("A: 1\nA:\n  x: 1\n  y: 2\n", &first), Refusal::DuplicateKeys);
    assert_eq!(refusal("A: &a\n  x: 1\n  y: 2\nB: *a\n", &first), Refusal::Shared);
    assert_eq!(refusal("A:\n  x: &a 1\n  y: 2\nB: *a\n", &first), Refusal::Shared);
    assert_eq!(refusal("B: &a\n  z: 1\nA:\n  <<: *a\n  x: 1\n", &first), Refusal::Shared);
    let gap = "A: [\n  x, y,\n\n  # of neither\n\n  z]\n";
    assert_eq!(refusal(gap, &|doc| vec![remove(doc, "A.2")]), Refusal::CommentInGap);
    let nested = |doc: &Document| vec![remove(doc, "A"), remove(doc, "A.x")];
    assert_eq!(refusal("A:\n  x: 1\n  y: 2\nB: 1\n", &nested), Refusal::Overlap);
    let twice = |doc: &Document| vec![remove(doc, "A.x"), replace(doc, "A.x", vec![text("z")])];
    assert_eq!(refusal("A:\n  x: 1\n  y: 2\nB: 1\n", &twice), Refusal::Overlap);
}
