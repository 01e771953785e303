//! A server and its standby, which has what the server commits before the commit is acknowledged.

use ocl_migrate::store::{Options, Store};

use crate::store_room::servers::refusals;
use crate::store_room::{fizz, project, quick};
use crate::support::postgres::{own_postgres, server_store, until};
use crate::support::servers::database_name;

#[test]
fn a_standby_reads_and_says_that_it_takes_no_changes() {
    let Some(server) = own_postgres() else { return };
    let Some(standby) = server.standby() else {
        return;
    };
    let address = server.database();
    let store = server_store(&address, Options::default());
    store.init(&project()).unwrap();
    store.put_documents(&project(), &[fizz()]).unwrap();
    let theirs = standby.address(database_name(&address));
    let theirs = server_store(&theirs, quick());
    // It has it, and shows it a moment later.
    until("the standby shows the row", || {
        let read = theirs.read(&project());
        read.is_ok_and(|mut read| read.all_documents().unwrap() == [fizz()])
    });
    refusals::a_server_that_takes_no_changes_reads_and_says_so(&theirs);
    // Who names both finds the one that takes changes.
    for both in [server.or(&standby, &address), standby.or(&server, &address)] {
        let store = server_store(&both, Options::default());
        store.put_documents(&project(), &[fizz()]).unwrap();
    }
}
