//! Whom each setting trusts.

use std::io::Write;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

use super::*;

struct Chain {
    authority_pem: String,
    server: CertificateDer<'static>,
    server_pem: String,
}

fn chain() -> Chain {
    let authority_key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = params.self_signed(&authority_key).unwrap();
    let issuer = Issuer::new(params, authority_key);
    let key = KeyPair::generate().unwrap();
    let server = CertificateParams::new(vec!["cic1.example.com".to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    Chain { authority_pem: authority.pem(), server_pem: server.pem(), server: server.der().clone() }
}

fn verified(tls: &Tls, server: &CertificateDer<'_>, name: &str) -> Result<(), TlsError> {
    let provider = Arc::new(ring::default_provider());
    let trust = trust(tls, &provider).unwrap();
    let verifier = Verifier { trust, provider, witness: None };
    let name = ServerName::try_from(name.to_owned()).unwrap();
    verifier.verify_server_cert(server, &[], &name, &[], UnixTime::now()).map(|_| ())
}

fn with_file(pem: &str) -> (Tls, tempfile::NamedTempFile) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(pem.as_bytes()).unwrap();
    (Tls { ca_file: Some(file.path().to_owned()), ..Tls::default() }, file)
}

#[test]
fn an_authority_vouches_for_its_servers_by_name() {
    let (chain, other) = (chain(), chain());
    let (tls, _file) = with_file(&chain.authority_pem);
    assert!(verified(&tls, &chain.server, "cic1.example.com").is_ok());
    assert!(verified(&tls, &chain.server, "cic2.example.com").is_err());
    assert!(verified(&tls, &other.server, "cic1.example.com").is_err(), "another authority's");
    let (tls, _file) = with_file(&chain.server_pem);
    assert!(verified(&tls, &chain.server, "10.0.0.1").is_ok(), "the very certificate");
}

#[test]
fn a_pin_fits_one_certificate_and_a_refusal_tells_what_would_fit() {
    let (one, other) = (chain(), chain());
    let pinned = |text: String| Tls { fingerprint_sha256: Some(text), ..Tls::default() };
    let fingerprint = Fingerprint::of(&one.server).to_string();
    for text in [fingerprint.clone(), fingerprint.replace(':', "").to_lowercase(), format!("SHA256:{fingerprint}")] {
        assert!(verified(&pinned(text), &one.server, "anything").is_ok());
    }
    let error = verified(&pinned(fingerprint), &other.server, "anything").unwrap_err();
    let wrapped = std::io::Error::other(error);
    let (why, presented) = untrusted(&wrapped).expect("found behind an I/O error");
    assert_eq!(presented, Fingerprint::of(&other.server));
    assert!(why.contains("pinned"));
}

#[test]
fn danger_means_anybody() {
    let tls = Tls { danger_accept_invalid_certificates: true, ..Tls::default() };
    assert!(verified(&tls, &chain().server, "anything").is_ok());
}

#[test]
fn settings_that_cannot_work_are_explained() {
    let explained = |tls: &Tls| client_config(tls, None).unwrap_err().message;
    let (garbage, _file) = with_file("no certificate here");
    assert!(explained(&garbage).contains("there is no certificate in `ca_file`"));
    let missing = Tls { ca_file: Some("/nowhere/ca.pem".into()), ..Tls::default() };
    assert!(explained(&missing).contains("/nowhere/ca.pem"));
    let short = Tls { fingerprint_sha256: Some("ab:cd".to_owned()), ..Tls::default() };
    assert!(explained(&short).contains("64 hexadecimal digits"));
    let both = Tls { danger_accept_invalid_certificates: true, ..short };
    assert!(explained(&both).contains("exclude each other"));
}
