//! The version at which a catalog begins.

/// The lowest version that a catalog's steps lift. What is below it was retired: an older release of the server lifts it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Baseline {
    version: u32,
    last_release: Option<String>,
}

impl Baseline {
    /// A baseline, and what the last release that lifts versions below it is called.
    ///
    /// # Errors
    /// What is wrong, as a sentence.
    pub fn new(version: u32, last_release: Option<&str>) -> Result<Baseline, String> {
        let last_release = last_release.map(str::trim);
        if version == 0 {
            return Err("a baseline is a version: a positive whole number".to_owned());
        }
        if last_release
            .is_some_and(|release| release.is_empty() || release.contains(char::is_control))
        {
            return Err("the last release is one line of text".to_owned());
        }
        Ok(Baseline {
            version,
            last_release: last_release.map(str::to_owned),
        })
    }

    /// The version.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// What the last release that lifts versions below it is called.
    pub fn last_release(&self) -> Option<&str> {
        self.last_release.as_deref()
    }

    /// What lifts versions below it, after "with": `release 2026.4, the last that can`.
    pub fn lifted_by(&self) -> String {
        match &self.last_release {
            Some(release) => format!("release {release}, the last that can"),
            None => "an older release of the server".to_owned(),
        }
    }
}
