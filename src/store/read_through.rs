//! What both kinds of transaction of a store in a database read through their session.

/// Implements `ReadTransaction` for a type whose field `session` has its methods.
macro_rules! read_through_session {
    ($transaction:ty) => {
        impl $crate::store::traits::ReadTransaction for $transaction {
            fn version(&mut self) -> Result<Option<u32>, $crate::store::error::Error> {
                self.session.version()
            }

            fn documents(
                &mut self,
                kind: &str,
            ) -> Result<Vec<$crate::store::model::Row>, $crate::store::error::Error> {
                self.session.documents(kind)
            }

            fn all_documents(
                &mut self,
            ) -> Result<Vec<$crate::store::model::Row>, $crate::store::error::Error> {
                self.session.all_documents()
            }

            fn snapshots(
                &mut self,
                kind: &str,
                import_version: u32,
            ) -> Result<Option<Vec<$crate::store::model::Row>>, $crate::store::error::Error> {
                self.session.snapshots(kind, import_version)
            }

            fn recorded_imports(
                &mut self,
            ) -> Result<Vec<$crate::store::model::RecordedImport>, $crate::store::error::Error>
            {
                self.session.recorded_imports()
            }

            fn lookup(
                &mut self,
                table: &str,
                key: &str,
            ) -> Result<Option<serde_json::Value>, $crate::store::error::Error> {
                self.session.lookup(table, key)
            }

            fn intents(
                &mut self,
            ) -> Result<
                Vec<($crate::store::model::IntentId, $crate::store::model::Intent)>,
                $crate::store::error::Error,
            > {
                self.session.intents()
            }

            fn effects(
                &mut self,
            ) -> Result<Vec<$crate::store::model::RecordedEffect>, $crate::store::error::Error>
            {
                self.session.effects()
            }
        }
    };
}

pub(super) use read_through_session;
