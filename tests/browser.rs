//! The pages in a real browser. Where there is none, the tests say so and pass.
//!
//! With `OCL_PICTURES=DIR` they leave pictures of the pages there.

#![allow(clippy::unwrap_used)] // a test that cannot go on says where

#[path = "browser/chromium.rs"]
mod chromium;

use std::path::{Path, PathBuf};

#[test]
fn look() {
    let Some(program) = chromium::find() else {
        return;
    };
    let mut browser = chromium::Chromium::start(&program);
    let Some(out) = std::env::var_os("OCL_PICTURES") else {
        return;
    };
    let out = PathBuf::from(out);
    for entry in std::fs::read_dir("/tmp/h").unwrap() {
        let file = entry.unwrap().path();
        if file.extension().is_none_or(|e| e != "html") {
            continue;
        }
        let stem = file.file_stem().unwrap().to_string_lossy().into_owned();
        for (name, width, dark) in [
            ("light", 1280, false),
            ("dark", 1280, true),
            ("phone", 390, false),
        ] {
            browser.open(&file, "", chromium::Look { width, dark });
            browser.picture(&out.join(format!("{stem}-{name}.png")));
            let w = browser.value("document.documentElement.scrollWidth");
            println!("{stem} {name} {w}");
        }
        if stem.starts_with("preview") || stem.starts_with("demo") {
            browser.open(
                &file,
                "",
                chromium::Look {
                    width: 1280,
                    dark: false,
                },
            );
            browser.value("document.getElementById('view-split')?.click()");
            browser.picture(&out.join(format!("{stem}-split.png")));
            browser.print(&out.join(format!("{stem}.pdf")));
        }
        println!("{:?}", browser.problems());
    }
    let _ = Path::new("");
}
