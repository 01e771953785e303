//! A headless Chromium, spoken to over a pair of pipes in the DevTools protocol: no port, no driver, no library.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::scratch;

const PATIENCE: Duration = Duration::from_secs(60);

/// A browser with one page.
pub(crate) struct Chromium {
    child: Child,
    orders: File,
    answers: Receiver<Value>,
    session: String,
    last_id: u64,
    problems: Vec<String>,
    /// What may be asked over the network: a service of the test's own.
    service: Option<String>,
    /// Its profile, and the pipes.
    _folder: TempDir,
}

/// How a page is looked at.
#[derive(Clone, Copy)]
pub(crate) struct Look {
    pub(crate) width: u32,
    pub(crate) dark: bool,
}

/// The browser of this machine, if it has one: `$CHROMIUM`, or what is in the path.
pub(crate) fn find() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("CHROMIUM") {
        return Some(named.into());
    }
    let folders: Vec<PathBuf> = std::env::split_paths(&std::env::var_os("PATH")?).collect();
    let names = [
        "chromium",
        "chromium-browser",
        "google-chrome",
        "chrome-headless-shell",
    ];
    let places = names
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    places.into_iter().find(|place| place.is_file())
}

impl Chromium {
    pub(crate) fn start(program: &Path) -> Chromium {
        let folder = scratch::folder();
        let pipe = |name: &str| folder.path().join(name);
        let made = Command::new("mkfifo")
            .args([pipe("orders"), pipe("answers")])
            .status()
            .unwrap();
        assert!(made.success());
        let child = Command::new("sh")
            .args(["-c", "exec \"$0\" \"$@\" 3<orders 4>answers"])
            .arg(program)
            .args([
                "--headless=new",
                "--remote-debugging-pipe",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--no-first-run",
                "--hide-scrollbars",
            ])
            .arg(format!("--user-data-dir={}", pipe("profile").display()))
            .current_dir(folder.path())
            .env("HOME", folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // In the order in which the shell opens the other ends.
        let orders = OpenOptions::new().write(true).open(pipe("orders")).unwrap();
        let answers = BufReader::new(File::open(pipe("answers")).unwrap());
        let (sender, receiver) = channel();
        std::thread::spawn(move || {
            for message in answers.split(0).map_while(Result::ok) {
                let value = serde_json::from_slice(&message).unwrap();
                if sender.send(value).is_err() {
                    return;
                }
            }
        });
        let mut browser = Chromium {
            child,
            orders,
            answers: receiver,
            session: String::new(),
            last_id: 0,
            problems: Vec::new(),
            service: None,
            _folder: folder,
        };
        let target = browser.order("Target.createTarget", json!({"url": "about:blank"}));
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let attached = browser.order("Target.attachToTarget", attach);
        browser.session = attached["sessionId"].as_str().unwrap().to_owned();
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.order(&format!("{domain}.enable"), json!({}));
        }
        browser
    }

    /// Gives an order and waits for its result; what happens meanwhile is looked through for problems.
    fn order(&mut self, method: &str, parameters: Value) -> Value {
        self.last_id += 1;
        let mut message = json!({"id": self.last_id, "method": method, "params": parameters});
        if !self.session.is_empty() {
            message["sessionId"] = json!(self.session);
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        self.orders.write_all(&bytes).unwrap();
        loop {
            let answer = self.next();
            if answer["id"] == json!(self.last_id) {
                assert!(answer["error"].is_null(), "{method}: {}", answer["error"]);
                return answer["result"].clone();
            }
        }
    }

    fn next(&mut self) -> Value {
        let message = self
            .answers
            .recv_timeout(PATIENCE)
            .expect("the browser answers");
        let details = &message["params"];
        match message["method"].as_str().unwrap_or_default() {
            "Runtime.exceptionThrown" | "Log.entryAdded" | "Runtime.consoleAPICalled" => {
                self.problems.push(details.to_string());
            }
            "Page.javascriptDialogOpening" => self.problems.push(format!("a dialog: {details}")),
            "Network.requestWillBeSent" => {
                let url = details["request"]["url"].as_str().unwrap_or_default();
                let own = self.service.as_deref();
                let is_own = own.is_some_and(|own| url.starts_with(own));
                if !is_own && !url.starts_with("file:") && url != "about:blank" {
                    self.problems.push(format!("a request: {url}"));
                }
            }
            _ => {}
        }
        message
    }

    /// Opens a file of this machine, perhaps at a place within it.
    pub(crate) fn open(&mut self, file: &Path, fragment: &str, look: Look) {
        self.navigate(&format!("file://{}{fragment}", file.display()), look);
    }

    /// Opens a page of a service, whose address is told; nothing else may be loaded.
    pub(crate) fn visit(&mut self, service: &str, path: &str, look: Look) {
        self.service = Some(service.to_owned());
        self.navigate(&format!("{service}{path}"), look);
    }

    /// Presses a key that leads to another page, and waits for that.
    pub(crate) fn press_to_go(&mut self, key: &str) {
        self.strike(key);
        self.wait_for("Page.loadEventFired");
        let up = json!({"type": "keyUp", "key": key, "windowsVirtualKeyCode": 13});
        self.order("Input.dispatchKeyEvent", up);
    }

    fn navigate(&mut self, url: &str, look: Look) {
        let scheme = if look.dark { "dark" } else { "light" };
        let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        self.order(
            "Emulation.setEmulatedMedia",
            json!({"media": "", "features": features}),
        );
        let size = json!({
            "width": look.width, "height": 900, "deviceScaleFactor": 1, "mobile": look.width < 600,
        });
        self.order("Emulation.setDeviceMetricsOverride", size);
        // The same file at another place would not be loaded again.
        self.order("Page.navigate", json!({"url": "about:blank"}));
        self.wait_for("Page.loadEventFired");
        self.order("Page.navigate", json!({"url": url}));
        self.wait_for("Page.loadEventFired");
    }

    fn wait_for(&mut self, event: &str) {
        while self.next()["method"] != json!(event) {}
    }

    /// The value of an expression in the page; a promise is waited for.
    pub(crate) fn value(&mut self, expression: &str) -> Value {
        let parameters = json!({
            "expression": expression, "returnByValue": true, "awaitPromise": true,
            // As the page's policy forbids, and the protocol may.
            "allowUnsafeEvalBlockedByCSP": true,
        });
        let result = self.order("Runtime.evaluate", parameters);
        assert!(
            result["exceptionDetails"].is_null(),
            "{expression}: {result}"
        );
        result["result"]["value"].clone()
    }

    /// Presses a key, as a person would.
    pub(crate) fn press(&mut self, key: &str) {
        let (text, code) = match key {
            "Enter" => ("\r", 13),
            "Escape" => ("", 27),
            "Tab" => ("", 9),
            " " => (" ", 32),
            key => (key, 0),
        };
        let mut event = json!({"type": "keyDown", "key": key, "windowsVirtualKeyCode": code});
        if !text.is_empty() {
            event["text"] = json!(text);
        }
        self.order("Input.dispatchKeyEvent", event);
        let up = json!({"type": "keyUp", "key": key, "windowsVirtualKeyCode": code});
        self.order("Input.dispatchKeyEvent", up);
    }

    /// Presses a key, and doesn't wait: what it begins may have happened before it is answered.
    fn strike(&mut self, key: &str) {
        let event =
            json!({"type": "keyDown", "key": key, "windowsVirtualKeyCode": 13, "text": "\r"});
        self.last_id += 1;
        let message = json!({
            "id": self.last_id, "method": "Input.dispatchKeyEvent", "params": event, "sessionId": self.session,
        });
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        self.orders.write_all(&bytes).unwrap();
    }

    /// Types a text where the focus is.
    pub(crate) fn type_text(&mut self, text: &str) {
        self.order("Input.insertText", json!({"text": text}));
    }

    /// The page as the accessibility tree has it: role and name of every node that has both.
    pub(crate) fn spoken(&mut self) -> Vec<(String, String)> {
        let tree = self.order("Accessibility.getFullAXTree", json!({}));
        let text = |value: &Value| value["value"].as_str().unwrap_or_default().to_owned();
        let nodes = tree["nodes"].as_array().unwrap().iter();
        nodes
            .filter(|node| node["ignored"] == json!(false))
            .map(|node| (text(&node["role"]), text(&node["name"])))
            .collect()
    }

    /// A picture of the whole page, or of its first screens if it is long.
    pub(crate) fn picture(&mut self, file: &Path) {
        let size = self.order("Page.getLayoutMetrics", json!({}));
        let size = &size["cssContentSize"];
        let clip = json!({
            "x": 0, "y": 0, "scale": 1, "width": size["width"],
            "height": size["height"].as_f64().unwrap().min(2_600.0),
        });
        let parameters = json!({"captureBeyondViewport": true, "clip": clip});
        let picture = self.order("Page.captureScreenshot", parameters);
        write_base64(file, &picture["data"]);
    }

    /// The page as it is printed.
    pub(crate) fn print(&mut self, file: &Path) {
        let printed = self.order(
            "Page.printToPDF",
            json!({"printBackground": true, "preferCSSPageSize": true}),
        );
        write_base64(file, &printed["data"]);
    }

    /// The pages opened from now on run no script; [`value`](Chromium::value) still works.
    pub(crate) fn without_scripts(&mut self) {
        self.order(
            "Emulation.setScriptExecutionDisabled",
            json!({"value": true}),
        );
    }

    /// What the console, the policy and the network had to say since the last time.
    pub(crate) fn problems(&mut self) -> Vec<String> {
        // Whatever is on its way arrives before this answer.
        self.value("new Promise(resolve => setTimeout(resolve, 50))");
        std::mem::take(&mut self.problems)
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn write_base64(file: &Path, data: &Value) {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0u32, 0);
    for digit in data.as_str().unwrap().bytes() {
        let Some(value) = DIGITS.iter().position(|known| *known == digit) else {
            continue;
        };
        bits = (bits << 6) | u32::try_from(value).unwrap();
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from((bits >> held) & 0xff).unwrap());
        }
    }
    std::fs::write(file, bytes).unwrap();
}
