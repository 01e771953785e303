//! What the file says of a project whose repository lives elsewhere.

use std::path::Path;
use std::time::Duration;

use hcl::edit::structure::Block;

use super::remotes::RemoteConfig;
use super::webhook::{Host, Webhook};
use crate::cli::failure::Failure;
use crate::cli::settings::{Setting, SettingsFile};
use crate::git::RemoteUrl;
use crate::text;

/// What a project says whose repository lives elsewhere.
pub(super) const REMOTE: &str = "remote";
pub(super) const MIRROR: &str = "mirror";
pub(super) const FETCH_EVERY: &str = "fetch_every";
pub(super) const GIT_WITHIN: &str = "git_within";
pub(super) const FIRST_FETCH_WITHIN: &str = "first_fetch_within";
pub(super) const WEBHOOK: &str = "webhook";

/// How long a mirror is left as it is, unless the file says otherwise, and as it may say.
const FETCHED_EVERY: Duration = Duration::from_secs(60);
/// How long Git may talk to a remote, in the same way.
const GIT_TIME: Duration = Duration::from_secs(60);
const TIME_BOUNDS: std::ops::RangeInclusive<u64> = 1..=86_400;

/// Where a project's repository lives, if that is elsewhere.
pub(super) fn remote(
    file: &SettingsFile,
    block: &Block,
    settings: &[Setting<'_>],
    folder: &Path,
) -> Result<Option<RemoteConfig>, Failure> {
    let setting = |key: &str| settings.iter().find(|setting| setting.key == key);
    let Some(url) = setting(REMOTE) else {
        let without = [MIRROR, FETCH_EVERY, GIT_WITHIN, FIRST_FETCH_WITHIN]
            .into_iter()
            .find_map(setting);
        if let Some(setting) = without {
            return Err(
                setting.wrong_value("this is about a `remote`, which the project doesn't have")
            );
        }
        return match block.body.blocks().next() {
            Some(webhook) => Err(file.wrong_block(
                webhook,
                "this is about a `remote`, which the project doesn't have",
            )),
            None => Ok(None),
        };
    };
    let Some(mirror) = setting(MIRROR) else {
        let why =
            "a remote needs a folder for its mirror: `mirror = \"/var/lib/ocl-migrate/shop.git\"`";
        return Err(url.wrong_secret(why));
    };
    // A folder is meant from the file's own, as all are.
    let is_path = !url.value.is_empty() && !url.value.contains(':') && !url.value.starts_with('-');
    let text = if is_path {
        let whole = std::path::absolute(folder.join(url.value));
        let whole = whole.map_err(|error| url.wrong_value(error.to_string()))?;
        whole.to_string_lossy().into_owned()
    } else {
        url.value.to_owned()
    };
    let webhook = block.body.blocks().next();
    let limit = setting(GIT_WITHIN).map_or(Ok(GIT_TIME), time)?;
    Ok(Some(RemoteConfig {
        url: RemoteUrl::parse(&text).map_err(|error| url.wrong_secret(error.to_string()))?,
        mirror: folder.join(mirror.value),
        every: setting(FETCH_EVERY).map_or(Ok(FETCHED_EVERY), time)?,
        limit,
        first_limit: setting(FIRST_FETCH_WITHIN).map_or(Ok(limit), time)?,
        webhook: webhook
            .map(|block| webhook_of(file, block, folder))
            .transpose()?,
    }))
}

fn time(setting: &Setting<'_>) -> Result<Duration, Failure> {
    let units = [('s', 1), ('m', 60), ('h', 3_600)];
    let seconds = units.iter().find_map(|(unit, seconds)| {
        let number = setting.value.strip_suffix(*unit)?;
        number.parse::<u64>().ok()?.checked_mul(*seconds)
    });
    match seconds.filter(|seconds| TIME_BOUNDS.contains(seconds)) {
        Some(seconds) => Ok(Duration::from_secs(seconds)),
        None => Err(setting.wrong_value("expected a time from `1s` to `24h`, such as `60s`")),
    }
}

fn webhook_of(file: &SettingsFile, block: &Block, folder: &Path) -> Result<Webhook, Failure> {
    const NAMES: [&str; 2] = ["host", "secret_file"];
    let (mut host, mut secret) = (None, None);
    for setting in file.settings(&block.body, &[])? {
        match setting.key {
            "host" => {
                let known = Host::named(setting.value).ok_or_else(|| {
                    setting.wrong_value(format!("the host is {}", text::either(Host::NAMES)))
                });
                host = Some(known?);
            }
            "secret_file" => secret = Some(folder.join(setting.value)),
            _ => return Err(setting.unknown(&NAMES)),
        }
    }
    match (host, secret) {
        (Some(host), Some(secret)) => Webhook::new(host, &secret),
        _ => Err(file.wrong_block(
            block,
            "`webhook` says who sends it, and names a file: `webhook { host = \"github\" secret_file = \"FILE\" }`, each on its line",
        )),
    }
}
