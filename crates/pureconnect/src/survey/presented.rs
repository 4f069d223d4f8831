//! The certificate that a server presented, whether it is trusted or not.

use jiff::Timestamp;
use x509_parser::parse_x509_certificate;
use x509_parser::x509::X509Name;

use crate::limits::said;
use crate::tls::Presented;

/// A server's certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// SHA-256 of it as `AB:CD:…`: what can be pinned.
    pub fingerprint_sha256: String,
    /// Whom it is for, such as `CN=cic1.example.com, O=Example`; empty when it cannot be read.
    pub subject: String,
    /// Who issued it; empty when it cannot be read.
    pub issuer: String,
    /// When it expires.
    pub not_after: Option<Timestamp>,
    /// Whether the configuration trusts it.
    pub trust: Trust,
}

/// Whether the configuration trusts a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// By its fingerprint, or by who certifies it.
    Trusted,
    /// Not.
    Untrusted {
        /// Why not, such as an unknown issuer, another name, or that it is expired.
        why: String,
    },
    /// Anybody is trusted, so it was not looked at.
    Unchecked,
}

impl Certificate {
    /// Reads what was presented; `checked` says whether anybody looked at it.
    pub(super) fn read(presented: &Presented, checked: bool) -> Self {
        let trust = match &presented.refused {
            _ if !checked => Trust::Unchecked,
            None => Trust::Trusted,
            Some(why) => Trust::Untrusted { why: why.clone() },
        };
        let mut read = Self {
            fingerprint_sha256: presented.fingerprint.to_string(),
            subject: String::new(),
            issuer: String::new(),
            not_after: None,
            trust,
        };
        if let Ok((_, certificate)) = parse_x509_certificate(&presented.certificate) {
            read.subject = name(certificate.subject());
            read.issuer = name(certificate.issuer());
            read.not_after = Timestamp::from_second(certificate.validity().not_after.timestamp()).ok();
        }
        read
    }
}

/// A name for one line.
fn name(name: &X509Name<'_>) -> String {
    said(&name.to_string())
}
