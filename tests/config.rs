//! The config file: found, laid under the command line, refused with its place where it is wrong, and written by `init`.

mod place_support;

use place_support::{Place, TEMPLATE};
use serde_json::Value;

const CONFIG: &str = ".samwire.yaml";

/// The lines of `--show-config` that are not about defaults.
fn in_force(place: &Place, folder: &str, args: &[&str]) -> Vec<String> {
    let done = place.samwire_in(folder, &[args, &["--show-config"]].concat(), "");
    assert_eq!(done.code, 0, "{}", done.err);
    let set = done.out.lines().filter(|line| !line.ends_with("# default"));
    set.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn the_nearest_file_up_to_the_root_of_the_repository_counts() {
    let place = Place::repository(&[("repo/deep/t.yaml", TEMPLATE), (CONFIG, "strict: true\n")]);
    place.git(&["init", "-q", "repo"]);
    assert!(in_force(&place, "repo/deep", &[]).is_empty(), "the file outside of the repository is not ours");
    place.write("repo/.samwire.yaml", "strict: true\n");
    assert_eq!(in_force(&place, "repo/deep", &[]), ["strict: true # ../.samwire.yaml:1"]);
    place.write("repo/deep/.samwire.yaml", "partial: true\n");
    assert_eq!(in_force(&place, "repo/deep", &[]), ["partial: true # .samwire.yaml:1"]);
    assert!(in_force(&place, "repo/deep", &["--no-config"]).is_empty());
    let told = in_force(&place, "repo/deep", &["--config", "../.samwire.yaml"]);
    assert_eq!(told, ["strict: true # ../.samwire.yaml:1"]);
    let outside = Place::with(&[("sub/t.yaml", TEMPLATE), (CONFIG, "strict: true\n")]);
    assert!(
        in_force(&outside, "sub", &[]).is_empty(),
        "without a repository only the current directory counts"
    );
    assert_eq!(in_force(&outside, ".", &[]).len(), 1);
}

#[test]
fn an_option_of_the_file_does_what_it_does_on_the_command_line() {
    let place = Place::with(&[("t.yaml", TEMPLATE)]);
    let on_the_line = place.samwire(&["check", "--strict", "--context", "1", "--form", "standalone"]);
    place.write(CONFIG, "strict: true\ncontext: 1\nform: standalone\n");
    let in_the_file = place.samwire(&["check"]);
    assert_eq!((in_the_file.out, in_the_file.code), (on_the_line.out, on_the_line.code));
    for command in ["", "diff", "check"] {
        let words: &[&str] = if command.is_empty() { &[] } else { &[command] };
        assert!(
            in_force(&place, ".", words).contains(&"strict: true # .samwire.yaml:1".to_owned()),
            "{command}"
        );
    }
    let preflight = place.samwire(&["preflight", "--deployer-policy", "none.json", "--show-config"]);
    assert!(preflight.out.contains("strict: true"), "{}", preflight.err);
}

#[test]
fn the_command_line_wins_over_the_file() {
    let place = Place::with(&[("t.yaml", TEMPLATE)]);
    place.write(
        CONFIG,
        "accept-add: ['a:B', 'c:*']\nphase: add\nstrict: true\ndrop-rest: true\nverbose: true\n",
    );
    let told = in_force(
        &place,
        ".",
        &["diff", "--accept-add", "x:Y", "--phase=both", "--accept", "any", "--keep-rest", "-q"],
    );
    assert_eq!(
        told,
        [
            "phase: both # command line",
            "keep-rest: true # command line",
            "accept-add: ['x:Y'] # command line",
            "accept: any # command line",
            "quiet: true # command line",
        ]
    );
}

#[test]
fn paths_of_the_file_start_where_it_is() {
    let place = Place::repository(&[("sub/t.yaml", TEMPLATE), ("used.txt", "dynamodb:GetItem\n")]);
    place.write(CONFIG, "actions: used.txt\nformat: [text, json=out.json]\nto: policies\n");
    let done = place.samwire_in("sub", &["check"], "");
    assert!(done.code <= 1, "{}", done.err);
    let report: Value =
        serde_json::from_str(&place.read("out.json")).expect("a report beside the config file");
    assert_eq!(report["direction"], "policies");
    assert_eq!(report["files"][0]["path"], "t.yaml");
}

#[test]
fn what_is_wrong_with_the_file_is_told_with_its_place_and_nothing_is_done() {
    let place = Place::with(&[("t.yaml", TEMPLATE)]);
    for (config, expected) in [
        ("stricd: true\n", ":1:1: `stricd` is no option of a config file\n  help: did you mean `strict`?"),
        ("changed: main\n", ":1:1: `changed` is no option of a config file"),
        (
            "to: connector\n",
            ":1:1: `connector` is no value of `to`\n  help: write `connectors` or `policies`",
        ),
        (
            "\nmax-managed-policies: many\n",
            ":2:1: `many` is no value of `max-managed-policies`: expected a whole number",
        ),
        ("accept-add: [nonsense]\n", ":1:1: `nonsense` is no value of `accept-add`"),
        ("format: sharif\n", ":1:1: `sharif` is no value of `format`"),
        ("format: text=../up.txt\n", ":1:1: `../up.txt` leads out of the directory of the config file"),
        ("baseline: /tmp/b.json\n", ":1:1: `/tmp/b.json` leads out of the directory of the config file"),
        ("\nonly: function-to-tabel\n", ":2:1: `function-to-tabel` is no profile"),
        ("strict: 3\n", ":1:1: `strict` is on or off\n  help: write true or false"),
        ("phase: true\n", ":1:1: `phase` takes a value\n  help: write `both`, `add` or `remove`"),
        ("phase: [add, both]\n", ":1:1: `phase` takes one value"),
        ("strict: true\naccept: any\n", ": --accept <any> and --strict rule each other out"),
        ("a: [\n", "help: correct the YAML at this place"),
    ] {
        place.write(CONFIG, config);
        let done = place.samwire(&["fix", "--yes", "--allow-no-vcs"]);
        assert_eq!(done.code, 2, "{config}: {}", done.err);
        assert!(done.err.starts_with("error: .samwire.yaml:"), "{config}: {}", done.err);
        let (why, others): (Vec<&str>, Vec<&str>) =
            done.err.lines().partition(|line| line.starts_with("  why:  "));
        assert_eq!(why.len(), 1, "{config}: {}", done.err);
        assert!(others.join("\n").contains(expected), "{config}: {}", done.err);
        assert_eq!(place.read("t.yaml"), TEMPLATE);
    }
    let gone = place.samwire(&["--config", "no.yaml"]);
    assert!(
        gone.code == 2 && gone.err.starts_with("error: no.yaml: the config file cannot be read"),
        "{}",
        gone.err
    );
}

#[test]
fn init_writes_a_file_of_comments_that_are_options_once_they_are_none() {
    let place = Place::empty();
    let done = place.samwire(&["init"]);
    assert_eq!((done.code, place.names(".")), (0, vec![CONFIG.to_owned()]), "{}", done.err);
    let text = place.read(CONFIG);
    assert_eq!(place.samwire(&["init", "--print"]).out, text);
    let again = place.samwire(&["init"]);
    assert!(again.code == 2 && again.err.contains("is there already"), "{}", again.err);
    assert!(in_force(&place, ".", &[]).is_empty(), "comments set nothing");
    let options = text.lines().filter_map(|line| line.strip_prefix("# ")).filter(|line| {
        line.split_once(": ").is_some_and(|(key, _)| key.chars().all(|c| c.is_ascii_lowercase() || c == '-'))
            && !line.starts_with("id: ")
    });
    let mut count = 0;
    for option in options {
        count += 1;
        place.write(CONFIG, &format!("{option}\n"));
        let done = place.samwire(&["--show-config"]);
        assert_eq!(done.code, 0, "{option}: {}", done.err);
    }
    assert!(count > 25, "{count} options");
}

#[test]
fn the_schema_knows_each_option_of_the_commented_file() {
    let place = Place::empty();
    let schema: Value = serde_json::from_str(&place.samwire(&["init", "--schema"]).out).expect("JSON");
    let properties = schema["properties"].as_object().expect("properties");
    let text = place.samwire(&["init", "--print"]).out;
    for (name, property) in properties {
        assert!(text.contains(&format!("\n# {name}:")), "{name}");
        assert!(property["description"].as_str().is_some_and(|text| !text.is_empty()), "{name}");
    }
    assert_eq!(properties["strict"]["type"], "boolean");
    assert_eq!(properties["phase"]["enum"][1], "add");
    assert_eq!(properties["accept-add"]["anyOf"][1]["type"], "array");
    assert!(properties.contains_key("ignore") && !properties.contains_key("changed"));
}
