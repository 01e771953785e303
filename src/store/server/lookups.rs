//! Writing lookups.

use super::connection::Value;
use super::pool::Lease;
use super::{ServerStore, keys};
use crate::store::error::Error;
use crate::store::model::{LookupEntry, Scope};

/// Whose lookups are written, in a transaction that holds the owner's row.
struct Owner {
    lease: Lease,
    tenant_id: Option<i64>,
    project_id: Option<i64>,
}

impl ServerStore {
    /// Puts checked entries, with their values as JSON, in the place of what is there.
    pub(super) fn set_lookups(
        &self,
        scope: &Scope,
        entries: &[LookupEntry],
        values: &[String],
    ) -> Result<(), Error> {
        let failed = self.place.failed("write a lookup");
        self.at_once(|| {
            let mut owner = self.hold_owner(scope, true)?;
            for (LookupEntry { table, key, .. }, json) in entries.iter().zip(values) {
                self.delete_lookup(&mut owner, table, key)?;
                let number = |id: Option<i64>| id.map_or(Value::Null, Value::Integer);
                let written = owner.lease.connection().execute(
                    "INSERT INTO oclm_lookups (tenant_id, project_id, entry_key, lookup_table, lookup_key, value)
                     VALUES ($1, $2, $3, $4, $5, $6)",
                    &[
                        number(owner.tenant_id),
                        number(owner.project_id),
                        Value::Bytes(&keys::key(&[table, key])),
                        Value::Bytes(table.as_bytes()),
                        Value::Bytes(key.as_bytes()),
                        Value::Bytes(json.as_bytes()),
                    ],
                );
                written.map_err(&failed)?;
            }
            Ok((owner.lease, ()))
        })
    }

    /// Removes an entry. Returns whether there was one.
    pub(super) fn unset_lookup(
        &self,
        scope: &Scope,
        table: &str,
        key: &str,
    ) -> Result<bool, Error> {
        self.at_once(|| {
            let mut owner = self.hold_owner(scope, false)?;
            let removed = self.delete_lookup(&mut owner, table, key)?;
            Ok((owner.lease, removed))
        })
    }

    /// The owner, with its row held: of a tenant too, since two writers of one entry would otherwise both insert it.
    fn hold_owner(&self, scope: &Scope, make: bool) -> Result<Owner, Error> {
        let tenant = match scope {
            Scope::Project(project) => {
                let (session, project_id) = self.session_for_writing(project)?;
                return Ok(Owner {
                    lease: session.lease,
                    tenant_id: None,
                    project_id: Some(project_id),
                });
            }
            Scope::Tenant(tenant) => tenant,
        };
        let mut lease = self.writing()?;
        if make {
            self.add_tenant(&mut lease, tenant)?;
        }
        let failed = self.place.failed("find the tenant");
        let held = lease.connection().query(
            "SELECT id FROM oclm_tenants WHERE name_key = $1 FOR UPDATE",
            &[Value::Bytes(&keys::key(&[tenant]))],
        );
        let held = held.map_err(&failed)?.pop();
        let tenant_id = held.map(|mut held| held.integer()).transpose();
        Ok(Owner {
            lease,
            tenant_id: tenant_id.map_err(&failed)?,
            project_id: None,
        })
    }

    fn delete_lookup(&self, owner: &mut Owner, table: &str, key: &str) -> Result<bool, Error> {
        let (sql, id) = match (owner.project_id, owner.tenant_id) {
            (Some(id), _) => (
                "DELETE FROM oclm_lookups WHERE project_id = $1 AND entry_key = $2",
                id,
            ),
            (None, Some(id)) => (
                "DELETE FROM oclm_lookups WHERE tenant_id = $1 AND entry_key = $2",
                id,
            ),
            // Nobody knows the tenant, so it has no entries.
            (None, None) => return Ok(false),
        };
        let parameters = [Value::Integer(id), Value::Bytes(&keys::key(&[table, key]))];
        let deleted = owner.lease.connection().execute(sql, &parameters);
        let deleted = deleted.map_err(self.place.failed("remove a lookup"))?;
        Ok(deleted > 0)
    }
}
