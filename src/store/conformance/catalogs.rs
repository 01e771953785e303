//! The steps that servers leave for others.

use super::law::{Law, Outcome, filled, refused, same};
use crate::store::error::Error;
use crate::store::model::StoredCatalog;
use crate::store::traits::Store;

pub(super) const LAWS: &[Law] = &[
    Law {
        says: "a catalog is kept as it was put, and found from its version down",
        check: kept_and_found,
    },
    Law {
        says: "a catalog is put once: its digest says what it is",
        check: put_once,
    },
    Law {
        says: "a catalog without a proper digest or version is refused",
        check: refused_unless_proper,
    },
];

fn catalog(digit: char, version: u32, content: &str) -> StoredCatalog {
    StoredCatalog {
        digest: digit.to_string().repeat(64),
        version,
        content: content.to_owned(),
    }
}

fn kept_and_found(store: &dyn Store) -> Outcome {
    filled(store)?;
    same("of an empty store", store.catalogs(1)?, Vec::new())?;
    let (five, seven) = (catalog('a', 5, "five\r\n"), catalog('b', 7, "\u{1f419}"));
    same("new", store.put_catalog(&seven)?, true)?;
    same("new", store.put_catalog(&five)?, true)?;
    same(
        "from 1",
        store.catalogs(1)?,
        vec![five.clone(), seven.clone()],
    )?;
    same("from 5", store.catalogs(5)?, vec![five, seven.clone()])?;
    same("from 6", store.catalogs(6)?, vec![seven])?;
    same("from 8", store.catalogs(8)?, Vec::new())
}

fn put_once(store: &dyn Store) -> Outcome {
    filled(store)?;
    let first = catalog('a', 5, "x");
    store.put_catalog(&first)?;
    same("again", store.put_catalog(&first)?, false)?;
    same("kept", store.catalogs(1)?, vec![first])
}

fn refused_unless_proper(store: &dyn Store) -> Outcome {
    filled(store)?;
    let mut short = catalog('a', 5, "x");
    short.digest.pop();
    refused!("short", store.put_catalog(&short), Error::Invalid { .. });
    let letters = catalog('x', 5, "x");
    refused!(
        "letters",
        store.put_catalog(&letters),
        Error::Invalid { .. }
    );
    let zero = catalog('a', 0, "x");
    refused!("version 0", store.put_catalog(&zero), Error::Invalid { .. });
    Ok(())
}
