//! A real Chromium without a window, spoken to over its DevTools protocol by way of pipes. Knows how to load, press keys, look
//! and ask what went wrong; knows nothing of the pages.

// Each integration test is its own crate and uses its own part of this module.
#![allow(dead_code)]

use serde_json::{Value, json};
use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;
use std::{env, fs, thread};

/// Names under which systems install it; `CHROMIUM` in the environment names another.
const NAMES: [&str; 5] =
    ["chromium", "chromium-headless-shell", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// How long an answer may take. Generous: it only ends a test that hangs.
const PATIENCE: Duration = Duration::from_secs(120);

/// A browser with one page.
pub(crate) struct Browser {
    child: Child,
    commands: ChildStdin,
    answers: Receiver<Value>,
    events: VecDeque<Value>,
    session: Option<String>,
    last: u64,
    // Deleted after the browser has ended.
    _profile: tempfile::TempDir,
}

impl Browser {
    /// A browser, or `None` where this machine has none; the reason has then been written to stderr.
    ///
    /// # Panics
    ///
    /// With `CI` in the environment, where a skipped proof would pass for a proof.
    pub(crate) fn start() -> Option<Self> {
        let Some(program) = program() else {
            let reason = "no Chromium on the PATH, and none in CHROMIUM";
            assert!(env::var_os("CI").is_none(), "the page has to be tried in CI: {reason}");
            let note = format!("\nSKIPPED: the page was not tried in a browser: {reason}\n\n");
            // Not `eprintln!`: the test harness hides its text where the test passes.
            io::stderr().write_all(note.as_bytes()).expect("stderr is open");
            return None;
        };
        let profile = tempfile::tempdir().expect("a temporary directory");
        // The browser reads commands from descriptor 3 and answers on 4, so that no port is opened.
        let mut command = Command::new("sh");
        command.args(["-c", "exec \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1", "sh"]).arg(program);
        command.args(["--headless", "--remote-debugging-pipe", "--no-first-run", "--disable-gpu"]);
        command.args(["--disable-dev-shm-usage", "--disable-background-networking", "--hide-scrollbars"]);
        // Its sandbox refuses to start for the superuser, whom containers run as.
        command.arg("--no-sandbox");
        command.arg(format!("--user-data-dir={}", profile.path().display())).arg("about:blank");
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("a shell starts");
        let commands = child.stdin.take().expect("it is piped");
        let output = BufReader::new(child.stdout.take().expect("it is piped"));
        let (sender, answers) = mpsc::channel();
        thread::spawn(move || {
            for message in output.split(0) {
                let Ok(message) = message else { return };
                let message = serde_json::from_slice(&message).expect("the browser speaks JSON");
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        let mut browser = Self {
            child,
            commands,
            answers,
            events: VecDeque::new(),
            session: None,
            last: 0,
            _profile: profile,
        };
        let target = browser.call("Target.createTarget", json!({"url": "about:blank"}));
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let session = browser.call("Target.attachToTarget", attach)["sessionId"].clone();
        browser.session = Some(session.as_str().expect("a session has a name").to_owned());
        for domain in ["Page", "Runtime", "Log", "Network", "Audits", "Accessibility"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        Some(browser)
    }

    /// Sends a command and waits for its answer.
    pub(crate) fn call(&mut self, method: &str, params: Value) -> Value {
        self.last += 1;
        let mut message = json!({"id": self.last, "method": method, "params": params});
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        self.commands.write_all(&bytes).expect("the browser listens");
        loop {
            let answer = self.next();
            if answer["id"] == json!(self.last) {
                assert!(answer.get("error").is_none(), "{method}: {}", answer["error"]);
                return answer["result"].clone();
            }
            self.events.push_back(answer);
        }
    }

    fn next(&self) -> Value {
        self.answers.recv_timeout(PATIENCE).expect("the browser answers")
    }

    /// Waits for an event; those before it are kept.
    fn wait_for(&mut self, method: &str) {
        while !self.events.iter().any(|event| event["method"] == method) {
            let message = self.next();
            self.events.push_back(message);
        }
    }

    /// Loads a file and forgets what happened before.
    pub(crate) fn open(&mut self, file: &Path, fragment: &str) {
        self.events.clear();
        // The same file with another fragment would not be loaded anew.
        self.call("Page.navigate", json!({"url": "about:blank"}));
        self.wait_for("Page.loadEventFired");
        self.events.clear();
        self.call("Page.navigate", json!({"url": format!("file://{}{fragment}", file.display())}));
        self.wait_for("Page.loadEventFired");
    }

    /// What an expression comes to, a promise awaited.
    pub(crate) fn ask(&mut self, expression: &str) -> Value {
        let params = json!({"expression": expression, "returnByValue": true, "awaitPromise": true});
        let answer = self.call("Runtime.evaluate", params);
        assert!(answer.get("exceptionDetails").is_none(), "{expression}: {answer}");
        answer["result"]["value"].clone()
    }

    /// Presses a key: a character or a name such as `Enter`.
    pub(crate) fn press(&mut self, key: &str) {
        let (code, text) = match key {
            "Tab" => (9, ""),
            "Enter" => (13, "\r"),
            "Backspace" => (8, ""),
            " " => (32, " "),
            other => (0, other),
        };
        let mut params = json!({"type": "keyDown", "key": key, "text": text, "windowsVirtualKeyCode": code});
        self.call("Input.dispatchKeyEvent", params.clone());
        params["type"] = json!("keyUp");
        self.call("Input.dispatchKeyEvent", params);
    }

    /// Types a text into what has the focus.
    pub(crate) fn write(&mut self, text: &str) {
        self.call("Input.insertText", json!({"text": text}));
    }

    /// The window: its size in CSS pixels, and how many device pixels make one of them.
    pub(crate) fn window(&mut self, width: u32, height: u32, scale: f64) {
        let params =
            json!({"width": width, "height": height, "deviceScaleFactor": scale, "mobile": width < 500});
        self.call("Emulation.setDeviceMetricsOverride", params);
    }

    /// What the person prefers and looks at: `light` or `dark`, `screen` or `print`.
    pub(crate) fn media(&mut self, scheme: &str, media: &str) {
        let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        self.call("Emulation.setEmulatedMedia", json!({"media": media, "features": features}));
    }

    /// Forbids scripts from the next page on, or allows them.
    pub(crate) fn scripts(&mut self, run: bool) {
        self.call("Emulation.setScriptExecutionDisabled", json!({"value": !run}));
    }

    /// Roles and accessible names of all that assistive technology sees, with their values and states.
    pub(crate) fn accessible(&mut self) -> Vec<Value> {
        let tree = self.call("Accessibility.getFullAXTree", json!({}));
        let nodes = tree["nodes"].as_array().expect("a tree has nodes").clone();
        nodes.into_iter().filter(|node| node["ignored"] == json!(false)).collect()
    }

    /// Stores a picture of the window, or of the whole page, below the target directory.
    pub(crate) fn picture(&mut self, name: &str, whole: bool) {
        let params = json!({"format": "png", "captureBeyondViewport": whole});
        let picture = self.call("Page.captureScreenshot", params);
        store(&format!("{name}.png"), &picture["data"]);
    }

    /// Stores the page as it is printed; tells how long that document is.
    pub(crate) fn print(&mut self, name: &str) -> usize {
        let paper = self.call("Page.printToPDF", json!({"printBackground": true, "preferCSSPageSize": true}));
        store(&format!("{name}.pdf"), &paper["data"])
    }

    /// All that a page must not do: complaints of the console, requests, dialogs, breaches of its policy.
    pub(crate) fn complaints(&mut self) -> Vec<String> {
        // Whatever is on its way arrives before the answer.
        self.ask("new Promise((done) => setTimeout(done, 50))");
        let wrong = |event: &Value| match event["method"].as_str().unwrap_or_default() {
            "Runtime.consoleAPICalled" | "Runtime.exceptionThrown" | "Log.entryAdded" => true,
            "Page.javascriptDialogOpening" | "Page.windowOpen" => true,
            // Of following a link from a script, as a test does, it only says that nobody clicked.
            "Audits.issueAdded" => event["params"]["issue"]["code"] != "GenericIssue",
            "Network.requestWillBeSent" => {
                let url = event["params"]["request"]["url"].as_str().unwrap_or_default();
                !(event["params"]["type"] == "Document" && url.starts_with("file:"))
            }
            _ => false,
        };
        self.events
            .iter()
            .filter(|event| wrong(event))
            .map(|event| event.to_string().chars().take(900).collect())
            .collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.session = None;
        self.last += 1;
        let bye = format!("{}\0", json!({"id": self.last, "method": "Browser.close"}));
        if self.commands.write_all(bye.as_bytes()).is_err() {
            let _ = self.child.kill();
        }
        // The shell has become the browser, so this waits for it and no process is left.
        let _ = self.child.wait();
    }
}

/// The browser of this machine.
fn program() -> Option<PathBuf> {
    if let Some(named) = env::var_os("CHROMIUM") {
        return Some(named.into());
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = env::split_paths(&path).collect();
    NAMES.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name))).find(|at| at.is_file())
}

/// Where pictures of the pages lie, for a person to look at.
fn store(name: &str, base64: &Value) -> usize {
    let bytes = decoded(base64.as_str().expect("pictures are in base64"));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pictures");
    fs::create_dir_all(&folder).expect("the target directory is ours");
    fs::write(folder.join(name), &bytes).expect("the target directory is ours");
    bytes.len()
}

fn decoded(base64: &str) -> Vec<u8> {
    let digit = |byte: u8| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    let digits: Vec<u32> = base64.bytes().filter_map(digit).map(u32::from).collect();
    let mut bytes = Vec::with_capacity(digits.len() * 3 / 4);
    for chunk in digits.chunks(4) {
        let bits = chunk.iter().fold(0, |bits, digit| bits << 6 | digit) << (6 * (4 - chunk.len()));
        bytes.extend(bits.to_be_bytes().iter().skip(1).take(chunk.len() - 1));
    }
    bytes
}
