//! `report.html` as people meet it: in a real browser, by mouse and by keyboard, on paper and on a phone, and under names that
//! try to be more than text.

mod browser_support;
mod page_support;
mod place_support;

use browser_support::Browser;
use page_support::{HOSTILE, Written, company, fixtures, hostile, page, written};
use place_support::{Place, TEMPLATE};
use samwire::report::merged::{Merged, Row};
use serde_json::{Value, json};
use std::fs;

/// The keys of the repositories in the table, from top to bottom.
const KEYS: &str =
    "[...document.querySelectorAll('.repositories tbody th button')].map((each) => each.textContent)";

/// What the line above the table says.
const COUNT: &str = "document.querySelector('.count').textContent";

/// Which rows a filter keeps.
type Wanted = Box<dyn Fn(&Row) -> bool>;

/// How far the page scrolls sideways.
const OVERHANG: &str = "document.documentElement.scrollWidth - document.documentElement.clientWidth";

#[test]
fn the_page_fits_every_window_and_complains_of_nothing() {
    let Some(mut browser) = Browser::start() else { return };
    let Written { page, .. } = &page(&company());
    for (name, width, height, scheme) in [
        ("light", 1280, 900, "light"),
        ("dark", 1280, 900, "dark"),
        ("tablet", 800, 1000, "dark"),
        // A window of 1280 at a zoom of 200 %.
        ("zoomed", 640, 450, "light"),
        ("phone", 375, 740, "light"),
    ] {
        browser.window(width, height, if width < 700 { 2.0 } else { 1.0 });
        browser.media(scheme, "screen");
        browser.open(page, "");
        browser.picture(name, true);
        assert_eq!(browser.ask(OVERHANG), 0, "{name}");
        browser.open(page, "#q=checkout%2Faudit&open=checkout%2Faudit");
        browser.picture(&format!("{name}-opened"), true);
        assert_eq!(browser.ask(OVERHANG), 0, "{name}, opened");
        let wide = "[...document.querySelectorAll('.opened > td *')].filter((each) =>
            each.getBoundingClientRect().right > innerWidth && !each.closest('.diff')).length";
        assert_eq!(browser.ask(wide), 0, "{name}: what is opened fits into the window");
        assert_eq!(browser.complaints(), Vec::<String>::new());
    }
    // On paper all repositories stand, not one page of the table.
    browser.window(1280, 900, 1.0);
    browser.open(page, "");
    assert!(browser.print("printed") > 10_000);
    assert_eq!(browser.ask(&format!("{KEYS}.length")), 50, "and afterwards the page is as before");
    browser.media("light", "print");
    browser.picture("printed", true);
    assert_eq!(browser.ask("getComputedStyle(document.querySelector('.controls')).display"), "none");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn hostile_names_are_text() {
    let Some(mut browser) = Browser::start() else { return };
    let runs = hostile();
    let Written { page, merged, .. } = &page(&runs);
    let text = fs::read_to_string(page).expect("the page is UTF-8");
    assert_eq!(text.matches("<script").count(), text.matches("</script>").count());
    assert_eq!(
        text.matches("</script>").count(),
        merged.rows.len() + 3,
        "rows, words, the script, and the details"
    );
    browser.window(375, 740, 1.0);
    browser.open(page, "");
    assert_eq!(browser.ask("document.querySelectorAll('img, iframe, object, embed, link, b').length"), 0);
    assert_eq!(browser.ask(OVERHANG), 0, "the longest name wraps");
    let shown = browser.ask(KEYS);
    for name in HOSTILE {
        assert!(shown.as_array().is_some_and(|all| all.contains(&json!(spelled(name)))), "{name:?}: {shown}");
    }
    // Opened, all of them, the names stand in paths, diffs, messages and logical ids.
    browser.ask("document.querySelectorAll('.repositories tbody th button').forEach((each) => each.click())");
    let opened = browser.ask("document.querySelector('.repositories').innerText");
    for name in HOSTILE {
        let opened = opened.as_str().expect("a text");
        assert!(opened.matches(&spelled(name)).count() > 4, "{name:?}: {opened}");
        assert!(!opened.contains(['\u{202e}', '\u{2066}', '\u{1b}', '\u{1}']));
    }
    assert_eq!(browser.ask("document.querySelectorAll('img, iframe, object, embed, link, b').length"), 0);
    assert_eq!(browser.ask(OVERHANG), 0);
    browser.picture("hostile", true);
    // A link to a view holds them as well, and the view comes back from it.
    for name in HOSTILE {
        let option = browser.ask(&format!(
            "(() => {{ const why = document.querySelector('[name=why]');
               why.value = 'reason:' + {}; why.dispatchEvent(new Event('input', {{bubbles: true}}));
               return why.selectedIndex; }})()",
            json!(name)
        ));
        assert!(option.as_i64().is_some_and(|option| option > 0), "{name:?} can be chosen");
        assert_eq!(browser.ask(&format!("{KEYS}.length")), 1, "{name:?}");
        let view = browser.ask("location.hash");
        browser.complaints();
        browser.open(page, view.as_str().expect("a fragment"));
        assert_eq!(browser.ask(KEYS), json!([spelled(name)]), "{view}");
    }
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn without_a_script_the_totals_and_a_table_are_there() {
    let Some(mut browser) = Browser::start() else { return };
    let Written { page, merged, .. } = &page(&company());
    browser.scripts(false);
    browser.open(page, "");
    let text = fs::read_to_string(page).expect("the page is UTF-8");
    let plain =
        &text[text.find("<noscript>").expect("there is one")..text.find("</noscript>").expect("it ends")];
    assert_eq!(plain.matches("<tr>").count(), merged.rows.len() + 2, "and two lines of headings");
    let tree = browser.accessible();
    let named =
        |role: &str, name: &str| tree.iter().any(|node| is(node, role) && node["name"]["value"] == name);
    assert!(named("heading", "Repositories") && named("rowheader", "checkout/orders"));
    assert!(!tree.iter().any(|node| is(node, "button")), "no control that would do nothing");
    browser.picture("without-script", true);
}

#[test]
fn every_column_sorts_both_ways() {
    let Some(mut browser) = Browser::start() else { return };
    let Written { page, merged, .. } = &page(&company());
    browser.open(page, "");
    let figure = |row: &Row, column: &str| -> Value {
        let row = serde_json::to_value(row).expect("rows are JSON");
        match column {
            "repo" => row["key"].clone(),
            "status" => json!(
                samwire::report::merged::RepoStatus::ALL
                    .iter()
                    .position(|status| row["status"] == status.as_str())
            ),
            "findings" => json!(row["errors"].as_u64().unwrap_or(0) + row["warnings"].as_u64().unwrap_or(0)),
            plain => row[plain].clone(),
        }
    };
    let columns =
        browser.ask("[...document.querySelectorAll('[data-column]')].map((each) => each.dataset.column)");
    let columns: Vec<String> = serde_json::from_value(columns).expect("names");
    assert_eq!(columns.len(), 11);
    for column in &columns {
        let click = format!("document.querySelector('[data-column={column}] button').click()");
        let mut seen = Vec::new();
        for _ in 0..2 {
            browser.ask(&click);
            let sort = browser.ask(&format!("document.querySelector('[data-column={column}]').ariaSort"));
            let first = browser.ask(KEYS);
            browser.ask("document.querySelector('.on').click()");
            let shown: Vec<String> = [first, browser.ask(KEYS)]
                .into_iter()
                .flat_map(|keys| serde_json::from_value::<Vec<String>>(keys).expect("names"))
                .collect();
            assert_eq!(shown.len(), merged.rows.len(), "two pages hold them all");
            let values: Vec<Value> = shown
                .iter()
                .map(|key| figure(merged.rows.iter().find(|row| row.key == *key).expect("a row"), column))
                .collect();
            let rises = |pair: &[Value]| match (&pair[0], &pair[1]) {
                (Value::String(a), Value::String(b)) => a <= b,
                (a, b) => a.as_u64() <= b.as_u64(),
            };
            let sorted = match sort.as_str() {
                Some("ascending") => values.windows(2).all(rises),
                Some("descending") => {
                    values.windows(2).all(|pair| rises(&[pair[1].clone(), pair[0].clone()]))
                }
                _ => false,
            };
            assert!(sorted, "{column} {sort}: {values:?}");
            seen.push(sort);
        }
        assert_ne!(seen[0], seen[1], "{column}");
        let others = browser.ask("document.querySelectorAll('[data-column][aria-sort$=ending]').length");
        assert_eq!(others, 1, "one column tells that it is sorted");
    }
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn every_control_filters_and_the_address_keeps_the_view() {
    let Some(mut browser) = Browser::start() else { return };
    let Written { page, merged, .. } = &page(&company());
    browser.open(page, "");
    let has = |name: &'static str| move |row: &Row| row.figures.effects.contains_key(name);
    let cases: [(&str, &str, Wanted); 8] = [
        ("q", "PAYMENTS led", Box::new(|row| row.key == "payments/ledger")),
        ("q", "mapping values", Box::new(|row| row.message.is_some() && row.key == "payments/ledger")),
        ("status", "would-change", Box::new(|row| row.status.as_str() == "would-change")),
        ("effect", "equivalent", Box::new(has("equivalent"))),
        ("why", "reason:no-connector", Box::new(|row| row.figures.reasons.contains_key("no-connector"))),
        ("why", "held:consent", Box::new(|row| row.figures.held_by.contains_key("consent"))),
        ("why", "hazard:deploy-gap", Box::new(|row| row.figures.hazards.contains_key("deploy-gap"))),
        (
            "why",
            "profile:function-to-table",
            Box::new(|row| row.figures.profiles.contains_key("function-to-table")),
        ),
    ];
    for (control, value, wanted) in &cases {
        let expected = merged.rows.iter().filter(|row| wanted(row)).count();
        assert!(expected > 0 && expected < merged.rows.len(), "{value}: the case tells something");
        browser.ask(&format!(
            "(() => {{ const control = document.querySelector('[name={control}]'); control.value = '{value}';
               control.dispatchEvent(new Event('input', {{bubbles: true}})); }})()"
        ));
        let count = format!("{expected} of {} repositories", merged.rows.len());
        assert_eq!(browser.ask(COUNT), json!(count), "{value}");
        let view = browser.ask("location.hash");
        let view = view.as_str().expect("a fragment");
        browser.open(page, view);
        assert_eq!(browser.ask(COUNT), json!(count), "{view}");
        assert_eq!(browser.ask(&format!("document.querySelector('[name={control}]').value")), json!(value));
        browser.ask("document.querySelector('[type=reset]').click()");
        assert_eq!(browser.ask(COUNT), json!(format!("{} repositories", merged.rows.len())));
        assert_eq!(browser.ask("location.hash"), "");
    }
    // All of it at once: filter, order, an opened repository; and what no report has does no harm.
    let view = "#q=checkout&status=would-change&sort=-rewrites&open=checkout%2Fbilling";
    browser.open(page, view);
    assert_eq!(browser.ask("document.querySelector('[data-column=rewrites]').ariaSort"), "descending");
    assert_eq!(browser.ask("document.querySelectorAll('.opened').length"), 1);
    assert_eq!(browser.ask("location.hash"), view);
    browser.open(page, "#status=no-such&sort=constructor&page=-1e9&why=__proto__&open=nobody");
    assert_eq!(browser.ask(COUNT), json!(format!("{} repositories", merged.rows.len())));
    // A line of a chart is a link to such a view, and the way back leads to all of them.
    browser.open(page, "");
    browser.ask("document.querySelector('.chart a[href=\"#status=failed\"]').click()");
    browser.ask("new Promise((done) => setTimeout(done, 100))");
    assert_eq!(browser.ask(KEYS), json!(["media/thumbnails"]));
    browser.ask("history.back(), new Promise((done) => setTimeout(done, 100))");
    assert_eq!(browser.ask(&format!("{KEYS}.length")), 50);
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn the_keyboard_is_enough_and_everything_has_a_name() {
    let Some(mut browser) = Browser::start() else { return };
    let Written { page, .. } = &page(&company());
    browser.window(1280, 900, 1.0);
    browser.open(page, "");
    let focus = "document.activeElement.textContent";
    browser.press("Tab");
    assert_eq!(browser.ask(focus), "Skip to the repositories");
    browser.press("Enter");
    browser.press("/");
    assert_eq!(browser.ask("document.activeElement.name"), "q");
    browser.write("payments/api");
    assert_eq!(browser.ask(KEYS), json!(["payments/api"]));
    browser.press("/");
    assert_eq!(
        browser.ask("document.activeElement.value"),
        "payments/api/",
        "within the filter it is a character"
    );
    browser.press("Backspace");
    let mut presses = 0;
    while browser.ask(focus) != "payments/api" {
        browser.press("Tab");
        presses += 1;
        assert!(presses < 30, "the repository is never reached");
        let ring = browser.ask("getComputedStyle(document.activeElement).outlineStyle");
        assert_ne!(ring, "none", "the focus is seen: {}", browser.ask("document.activeElement.outerHTML"));
    }
    let expanded = "document.activeElement.ariaExpanded";
    assert_eq!(browser.ask(expanded), "false");
    browser.press("Enter");
    assert_eq!((browser.ask(expanded), browser.ask(focus)), (json!("true"), json!("payments/api")));
    assert_eq!(browser.ask("document.querySelectorAll('.opened').length"), 1);
    browser.press("Tab");
    assert_eq!(browser.ask("document.activeElement.className"), "diff", "what scrolls can be reached");

    let tree = browser.accessible();
    for role in ["button", "combobox", "searchbox", "region", "table", "link", "navigation", "search", "form"]
    {
        for node in tree.iter().filter(|node| is(node, role)) {
            // The form is its search landmark.
            let name = node["name"]["value"].as_str().unwrap_or_default();
            assert!(!name.is_empty() || matches!(role, "search" | "form"), "a {role} without a name: {node}");
        }
    }
    let named =
        |role: &str, name: &str| tree.iter().any(|node| is(node, role) && node["name"]["value"] == name);
    for (role, name) in [
        ("heading", "Policies to connectors in 59 repositories"),
        ("table", "Repositories by status"),
        ("link", "would change"),
        ("searchbox", "Find (press / to come here)"),
        ("combobox", "Status"),
        ("columnheader", "Rewrites"),
        ("rowheader", "payments/api"),
        ("button", "payments/api"),
        ("button", "Show all"),
    ] {
        assert!(named(role, name), "{role} {name:?}");
    }
    browser.press("Tab");
    browser.ask("document.querySelector('.repositories tbody th button').focus()");
    browser.press(" ");
    assert_eq!(browser.ask("document.querySelectorAll('.opened').length"), 0, "and closed again");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn what_is_opened_tells_the_changes() {
    let Some(mut browser) = Browser::start() else { return };
    let runs = company();
    let Written { page, .. } = &page(&runs);
    let run = runs.iter().find(|run| run.repo == "identity/api").expect("it is one of them");
    browser.open(page, "#q=identity%2Fapi&open=identity%2Fapi");
    let told = browser.ask("document.querySelector('.opened').innerText");
    let told = told.as_str().expect("a text");
    let diffs = browser.ask("[...document.querySelectorAll('.diff')].map((each) => [...each.children].map((line) => line.textContent))");
    let diffs: Vec<Vec<String>> = serde_json::from_value(diffs).expect("lines");
    let expected: Vec<Vec<String>> = run
        .files
        .iter()
        .filter_map(|file| file.diff.as_deref())
        // A browser keeps an empty line open by a blank.
        .map(|diff| {
            diff.lines().map(|line| if line.is_empty() { " ".into() } else { line.to_owned() }).collect()
        })
        .collect();
    assert_eq!(diffs, expected);
    for rewrite in run.files.iter().flat_map(|file| &file.rewrites) {
        assert!(told.contains(&format!("{} → {}", rewrite.source, rewrite.destination)), "{told}");
        for permission in rewrite.removed.iter().chain(&rewrite.kept).filter(|each| !each.inert) {
            let action = permission.action.rsplit(':').next().unwrap_or_default();
            assert!(told.contains(action), "{action}: {told}");
        }
    }
    for left in run.files.iter().flat_map(|file| &file.left_alone) {
        assert!(
            told.contains(&left.id) && told.contains(&format!("line {}", left.place.start.line)),
            "{told}"
        );
    }
    let steps = browser.ask("document.querySelector('.steps').innerText");
    let steps = steps.as_str().expect("a text");
    assert!(
        steps.contains("--accept-add ")
            && steps.contains("--accept-remove ")
            && steps.contains("--phase add"),
        "{steps}"
    );
}

#[test]
fn the_command_writes_the_page_from_run_reports() {
    let place = Place::with(&[("template.yaml", TEMPLATE)]);
    place.samwire(&["diff", "--format", "json=run.json"]);
    let done = place.samwire(&["report", "--format", "html=report.html", "run.json"]);
    assert_eq!((done.code, done.out.as_str()), (0, ""), "{}", done.err);
    let text = place.read("report.html");
    assert!(text.starts_with("<!doctype html>") && text.ends_with("</html>\n"));
    assert!(text.contains("<h1>Policies to connectors in 1 repository</h1>"));
    let Some(mut browser) = Browser::start() else { return };
    browser.open(&place.at("report.html"), "#open=acme%2Forders");
    assert_eq!(browser.ask("document.querySelectorAll('.opened .diff').length"), 1);
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn ten_thousand_repositories_are_one_page() {
    let Some(mut browser) = Browser::start() else { return };
    let fixtures = fixtures();
    let small: Vec<_> = fixtures.iter().filter(|run| run.files.len() < 5).collect();
    let runs = (0..10_000)
        .map(|number| (format!("team-{}/service-{number:05}", number % 37), small[number % small.len()]));
    let rows = runs.clone().map(|(key, run)| Row { key: key.clone(), repo: key, ..Row::of(run) }).collect();
    let by_number = |row: &Row| {
        let number: usize =
            row.key.rsplit('-').next().and_then(|number| number.parse().ok()).expect("it ends so");
        Some(small[number % small.len()].clone())
    };
    let Written { page, .. } = &written(Merged::of(rows), &by_number);
    browser.open(page, "#q=service-09999&open=team-9%2Fservice-09999");
    assert_eq!(browser.ask(COUNT), "1 of 10,000 repositories");
    assert_eq!(browser.ask("document.querySelectorAll('.opened .facts').length"), 1);
    browser.ask("document.querySelector('[type=reset]').click()");
    assert_eq!(browser.ask("document.querySelector('.pager span').textContent"), "Page 1 of 200");
    assert_eq!(browser.ask(&format!("{KEYS}.length")), 50, "the browser lays out one page of the table");
    browser.ask("document.querySelector('.on').click()");
    assert_eq!(browser.ask("location.hash"), "#page=2&open=team-9%2Fservice-09999");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

fn is(node: &Value, role: &str) -> bool {
    node["role"]["value"] == role
}

/// A name as the page shows it: what steers is spelled out.
fn spelled(name: &str) -> String {
    samwire::report::escaped(name).into_owned()
}
