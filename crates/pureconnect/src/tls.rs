//! How a server's certificate is checked: by the system's roots, by an own CA file, by its fingerprint, or not at all.
//! Where it is not trusted, the error carries the fingerprint of what was presented.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use replicator::ports::SourceFailure;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error as TlsError, OtherError, RootCertStore,
    SignatureScheme,
};
use sha2::{Digest, Sha256};
use tokio::sync::watch;

use crate::config::Tls;
use crate::error::misconfigured;

#[cfg(test)]
mod tests;

/// SHA-256 of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fingerprint([u8; 32]);

impl Fingerprint {
    fn of(certificate: &CertificateDer<'_>) -> Self {
        Self(Sha256::digest(certificate.as_ref()).into())
    }

    fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        let text = text.strip_prefix("sha256:").unwrap_or(&text);
        let digits: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b':' | b' ' | b'-')).collect();
        let mut bytes = [0; 32];
        if digits.len() != 2 * bytes.len() {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(Self(bytes))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pairs: Vec<_> = self.0.iter().map(|byte| format!("{byte:02X}")).collect();
        f.write_str(&pairs.join(":"))
    }
}

/// A certificate that is not trusted, inside rustls' error.
#[derive(Debug)]
pub(crate) struct Untrusted {
    /// What was presented.
    pub(crate) fingerprint: Fingerprint,
    /// Why it is not enough.
    pub(crate) why: String,
}

impl fmt::Display for Untrusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

impl std::error::Error for Untrusted {}

/// The certificate that a server presented last, and what was made of it.
#[derive(Debug, Clone)]
pub(crate) struct Presented {
    pub(crate) certificate: CertificateDer<'static>,
    pub(crate) fingerprint: Fingerprint,
    /// Why it is not trusted.
    pub(crate) refused: Option<String>,
}

/// Is told of every certificate that is presented.
pub(crate) type Witness = watch::Sender<Option<Presented>>;

/// Finds the untrusted certificate behind a failed request, as (why, fingerprint).
pub(crate) fn untrusted(error: &(dyn std::error::Error + 'static)) -> Option<(String, Fingerprint)> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(TlsError::InvalidCertificate(CertificateError::Other(OtherError(other)))) = error.downcast_ref() {
            let found = other.downcast_ref::<Untrusted>()?;
            return Some((found.why.clone(), found.fingerprint));
        }
        // An I/O error does not name what it wraps as its source.
        let wrapped = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        next = match wrapped {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

/// Builds the TLS side of the HTTP client.
pub(crate) fn client_config(tls: &Tls, witness: Option<Witness>) -> Result<ClientConfig, SourceFailure> {
    let provider = Arc::new(ring::default_provider());
    let trust = trust(tls, &provider)?;
    let verifier = Verifier { trust, provider: Arc::clone(&provider), witness };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| misconfigured("failed to set up TLS".to_owned(), Some(Box::new(error))))?;
    Ok(builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth())
}

/// For http:// alone: trusts nobody, and needs nothing of the system.
pub(crate) fn unencrypted() -> ClientConfig {
    ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring has cipher suites for both versions")
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth()
}

fn trust(tls: &Tls, provider: &Arc<CryptoProvider>) -> Result<Trust, SourceFailure> {
    match (&tls.ca_file, &tls.fingerprint_sha256, tls.danger_accept_invalid_certificates) {
        (None, None, true) => Ok(Trust::Anybody),
        (None, Some(text), false) => Fingerprint::parse(text).map(Trust::Pinned).ok_or_else(|| {
            misconfigured("`fingerprint_sha256` is not a SHA-256: 64 hexadecimal digits are needed".to_owned(), None)
        }),
        (Some(file), None, false) => authorities(file, provider),
        (None, None, false) => match rustls_platform_verifier::Verifier::new(Arc::clone(provider)) {
            Ok(verifier) => Ok(Trust::Authorities { verifier: Arc::new(verifier), own: Vec::new() }),
            Err(error) => Err(misconfigured(
                "this system has no trusted certificate authorities; name one with `ca_file`".to_owned(),
                Some(Box::new(error)),
            )),
        },
        _ => Err(misconfigured(
            "`ca_file`, `fingerprint_sha256` and `danger_accept_invalid_certificates` exclude each other".to_owned(),
            None,
        )),
    }
}

fn authorities(file: &Path, provider: &Arc<CryptoProvider>) -> Result<Trust, SourceFailure> {
    let failed = |what: &str, cause| misconfigured(format!("{what} `ca_file` {}", file.display()), cause);
    let pem = std::fs::read(file).map_err(|error| failed("failed to read", Some(Box::new(error))))?;
    let own = CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| failed("failed to read the PEM in", Some(Box::new(error))))?;
    let mut roots = RootCertStore::empty();
    for certificate in &own {
        roots
            .add(certificate.clone())
            .map_err(|error| failed("failed to read a certificate in", Some(Box::new(error))))?;
    }
    if own.is_empty() {
        return Err(failed("there is no certificate in", None));
    }
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
        .build()
        .map_err(|error| failed("failed to use the certificates in", Some(Box::new(error))))?;
    Ok(Trust::Authorities { verifier, own })
}

/// Whom to trust.
#[derive(Debug)]
enum Trust {
    /// Who these certify, and who presents one of `own` itself.
    Authorities { verifier: Arc<dyn ServerCertVerifier>, own: Vec<CertificateDer<'static>> },
    /// Who presents exactly this certificate and holds its key.
    Pinned(Fingerprint),
    /// Anybody.
    Anybody,
}

#[derive(Debug)]
struct Verifier {
    trust: Trust,
    provider: Arc<CryptoProvider>,
    witness: Option<Witness>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        let fingerprint = Fingerprint::of(end_entity);
        let refused = match &self.trust {
            Trust::Anybody => None,
            Trust::Pinned(pinned) => (*pinned != fingerprint).then(|| "it is not the pinned one".to_owned()),
            Trust::Authorities { own, .. } if own.iter().any(|known| known == end_entity) => None,
            Trust::Authorities { verifier, .. } => {
                let verified = verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
                verified.err().map(|error| error.to_string())
            }
        };
        if let Some(witness) = &self.witness {
            let (certificate, refused) = (end_entity.clone().into_owned(), refused.clone());
            witness.send_replace(Some(Presented { certificate, fingerprint, refused }));
        }
        match refused {
            None => Ok(ServerCertVerified::assertion()),
            Some(why) => {
                let found: Arc<dyn std::error::Error + Send + Sync> = Arc::new(Untrusted { fingerprint, why });
                Err(TlsError::InvalidCertificate(CertificateError::Other(OtherError(found))))
            }
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        match self.trust {
            Trust::Anybody => Ok(HandshakeSignatureValid::assertion()),
            Trust::Pinned(_) | Trust::Authorities { .. } => {
                let algorithms = &self.provider.signature_verification_algorithms;
                verify_tls12_signature(message, certificate, signature, algorithms)
            }
        }
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        match self.trust {
            Trust::Anybody => Ok(HandshakeSignatureValid::assertion()),
            Trust::Pinned(_) | Trust::Authorities { .. } => {
                let algorithms = &self.provider.signature_verification_algorithms;
                verify_tls13_signature(message, certificate, signature, algorithms)
            }
        }
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
