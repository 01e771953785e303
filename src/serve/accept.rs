//! What a client would like best: `Accept` and `Accept-Encoding`, as RFC 9110 has them in 12.5.

use hyper::header::{ACCEPT, ACCEPT_ENCODING, HeaderName};
use hyper::{HeaderMap, Method};

use super::question::Form;

/// What stands in such a header: a name, in lower case, and how much it is wanted, in thousandths.
struct Range {
    name: String,
    weight: u16,
}

/// How well something fits: its weight, how exactly it is named, and how early.
type Fit = (u16, u8, std::cmp::Reverse<usize>);

const PAGE: &str = "text/html";
const EVENTS: &str = "text/event-stream";

/// The form that a client would like best, of those that there are. Data, where it likes none.
pub(super) fn form(
    headers: &HeaderMap,
    method: &Method,
    has_page: bool,
    media_type: &'static str,
) -> Form {
    let ranges = ranges(headers, ACCEPT);
    // Whoever names JSON means the data, be it a document or a line for each item.
    let own = media_type.split(';').next().unwrap_or_default();
    let data = [own, "application/json", "application/jsonl"];
    let fit = |types: &[&str]| types.iter().filter_map(|it| fit(&ranges, it)).max();
    let mut best = (Form::Data, fit(&data));
    let page = fit(&[PAGE]).filter(|_| has_page);
    // Nobody who takes anything means a stream.
    let events = fit(&[EVENTS]).filter(|(_, exact, _)| *exact == 2 && method != Method::HEAD);
    for (form, fit) in [(Form::Page, page), (Form::Events, events)] {
        if fit > best.1 {
            best = (form, fit);
        }
    }
    best.0
}

/// Whether a client reads gzip, and likes it no less than what isn't compressed.
pub(super) fn reads_gzip(headers: &HeaderMap) -> bool {
    let ranges = ranges(headers, ACCEPT_ENCODING);
    let weight = |name: &str| ranges.iter().find(|it| it.name == name).map(|it| it.weight);
    let gzip = weight("gzip").or(weight("x-gzip")).or(weight("*"));
    gzip.is_some_and(|gzip| gzip > 0 && weight("identity").is_none_or(|plain| plain <= gzip))
}

/// How a media type fits: by the range that names it most exactly. `None` where it isn't wanted.
fn fit(ranges: &[Range], media_type: &str) -> Option<Fit> {
    let group = media_type.split('/').next().unwrap_or_default();
    let fits = ranges.iter().enumerate().filter_map(|(place, range)| {
        let exact = match &*range.name {
            name if name == media_type => 2,
            name if name.strip_suffix("/*") == Some(group) => 1,
            "*/*" => 0,
            _ => return None,
        };
        Some((exact, std::cmp::Reverse(place), range.weight))
    });
    let (exact, place, weight) = fits.max()?;
    (weight > 0).then_some((weight, exact, place))
}

fn ranges(headers: &HeaderMap, name: HeaderName) -> Vec<Range> {
    let values = headers.get_all(name).iter();
    let items = values.flat_map(|value| value.to_str().unwrap_or_default().split(','));
    let ranges = items.map(|item| {
        let mut parts = item.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let mut parameters = parts.filter_map(|part| part.split_once('='));
        let weight = parameters.find(|(name, _)| name.trim().eq_ignore_ascii_case("q"));
        let weight = weight.map_or(1_000, |(_, weight)| thousandths(weight.trim()));
        Range { name, weight }
    });
    ranges.filter(|range| !range.name.is_empty()).collect()
}

/// `0`, `0.5`, `1.000`. What isn't such a number says nothing.
fn thousandths(weight: &str) -> u16 {
    let (whole, part) = weight.split_once('.').unwrap_or((weight, ""));
    let is_number = part.len() <= 3 && part.bytes().all(|it| it.is_ascii_digit());
    match whole {
        "0" if is_number => format!("{part:0<3}").parse().unwrap_or(1_000),
        _ => 1_000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_is_what_the_client_likes_best() {
        let form = |accept: &'static str, has_page| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT, accept.parse().unwrap());
            super::form(&headers, &Method::GET, has_page, "text/csv; charset=utf-8")
        };
        for (accept, expected) in [
            ("*/*", Form::Data),
            ("text/html,application/xhtml+xml,*/*;q=0.8", Form::Page),
            ("application/json, text/html", Form::Data),
            ("text/html, application/json", Form::Page),
            ("text/event-stream", Form::Events),
            ("text/html;q=0", Form::Data),
            ("text/html;q=0.0, */*", Form::Data),
            ("text/html;Q=0.5, application/json;q=0.6", Form::Data),
            ("application/json; q=0.5 , text/html ; q=0.6", Form::Page),
            ("TEXT/HTML", Form::Page),
            ("text/csv, text/html;q=0.9", Form::Data),
            ("text/csv;q=0.1, text/html;q=0.9", Form::Page),
            ("text/event-stream;q=0, application/json", Form::Data),
            ("text/*", Form::Data),
            ("image/png", Form::Data),
            ("", Form::Data),
        ] {
            assert_eq!(form(accept, true), expected, "{accept}");
        }
        assert_eq!(form("text/html,*/*;q=0.8", false), Form::Data);
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, EVENTS.parse().unwrap());
        assert_eq!(
            super::form(&headers, &Method::HEAD, true, "application/json"),
            Form::Data
        );
    }

    #[test]
    fn gzip_is_sent_to_who_reads_it() {
        let reads = |accept: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, accept.parse().unwrap());
            reads_gzip(&headers)
        };
        for accept in [
            "br, gzip;q=0.5",
            "*",
            "GZIP",
            "x-gzip",
            "*;q=0, gzip",
            "identity;q=0.1, gzip",
        ] {
            assert!(reads(accept), "{accept}");
        }
        for accept in [
            "",
            "br",
            "gzip;q=0",
            "gzip; q=0.0",
            "gzip;q=0, *",
            "*, gzip;q=0.000",
            "*;q=0",
            "identity, gzip;q=0.5",
        ] {
            assert!(!reads(accept), "{accept}");
        }
    }
}
