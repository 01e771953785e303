//! What MariaDB's and MySQL's errors are, by what can be done about them.

use mysql::{DriverError, Error, MySqlError};

use crate::store::server::connection::{Failure, Kind};

/// An error of a statement.
pub(super) fn of_statement(error: Error) -> Failure {
    match error {
        Error::MySqlError(error) => {
            let kind = kind(&error);
            let why = match advice(error.code) {
                "" => error.message,
                advice => format!("{}; {advice}", error.message),
            };
            Failure::new(kind, why)
        }
        Error::IoError(error) => Failure::new(Kind::Lost, error.to_string()),
        Error::TlsError(error) => Failure::new(Kind::Lost, error.to_string()),
        Error::CodecError(error) => {
            let why = error.to_string();
            if why.contains("max_allowed_packet") {
                return Failure::new(Kind::Unsupported, format!("{why}; {}", advice(1153)));
            }
            Failure::new(Kind::Lost, why)
        }
        Error::DriverError(
            error @ (DriverError::PacketOutOfSync | DriverError::UnexpectedPacket),
        ) => Failure::new(Kind::Lost, error.to_string()),
        Error::DriverError(error) => Failure::new(Kind::Other, error.to_string()),
        error => Failure::new(Kind::Other, error.to_string()),
    }
}

/// An error of connecting.
pub(super) fn of_connecting(error: Error) -> Failure {
    match error {
        Error::DriverError(DriverError::TlsNotSupported) => Failure::new(
            Kind::Unreachable,
            "it does not support TLS; to go without in a network that you trust, end the address with ?sslmode=disable",
        ),
        Error::DriverError(error) => Failure::new(Kind::Unreachable, error.to_string()),
        error => {
            let Failure { kind, mut why } = of_statement(error);
            // The driver tells these cases only by their words.
            if why.contains("UnknownIssuer") || why.contains("CaUsedAsEndEntity") {
                why.push_str(
                    "; to name the certificate that it goes back to, end the address with ?sslrootcert=FILE",
                );
            }
            let kind = match kind {
                Kind::Lost | Kind::Other => Kind::Unreachable,
                kind => kind,
            };
            Failure { kind, why }
        }
    }
}

/// What to do, where the server's words don't say it.
fn advice(code: u16) -> &'static str {
    match code {
        1105 | 1153 | 1301 => "let its administrator raise max_allowed_packet",
        1665 => "let its administrator run SET GLOBAL binlog_format = 'ROW'",
        _ => "",
    }
}

fn is_full(message: &str) -> bool {
    ["No space left", "error 28", "Errcode: 28"]
        .iter()
        .any(|words| message.contains(words))
}

/// By the number, which both servers share below 1,900.
fn kind(error: &MySqlError) -> Kind {
    match error.code {
        // A deadlock; a row changed since the snapshot; a row that somebody else just inserted; tables that changed meanwhile.
        1213 | 1020 | 1062 | 1412 | 1615 => Kind::Transient,
        // The last ones are the server's own time-outs for statements.
        1205 | 1317 | 3572 | 1969 | 3024 => Kind::LockTimeout,
        // Too many connections, of all or of this user; a cluster's node that isn't ready.
        1040 | 1203 | 1226 | 1047 => Kind::Busy,
        1053 | 1077 | 1079 | 1158..=1161 | 1927 | 3169 | 4031 => Kind::Lost,
        1044 | 1045 | 1130 | 1142 | 1143 | 1227 | 1370 | 1410 | 1698 | 1820 | 1862 | 3118 => {
            Kind::Denied
        }
        1290 if error.message.contains("read") => Kind::ReadOnly,
        1792 | 1836 => Kind::ReadOnly,
        1021 | 1114 => Kind::Full,
        // Files of the server's that can't be written: 28 is the system's number for a full disk.
        3 | 1026 | 1030 if is_full(&error.message) => Kind::Full,
        1051 | 1146 => Kind::MissingTable,
        1050 => Kind::TableExists,
        1060 | 1061 | 1826 | 3822 => Kind::AlreadyThere,
        1034 | 1035 | 1054 | 1194 | 1195 | 1932 => Kind::Unreadable,
        1153 | 1301 | 1665 => Kind::Unsupported,
        1105 if error.message.contains("max_allowed_packet") => Kind::Unsupported,
        _ => Kind::Other,
    }
}
