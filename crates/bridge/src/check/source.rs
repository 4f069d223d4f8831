//! What was found out about PureConnect, in the words of Interaction Administrator: the hosts, and what the session showed.

use domain::source::Release;
use jiff::{SignedDuration, Timestamp};
use pureconnect::survey::{Certificate, Host, Logon, Reached, Said, Survey, Trust, Version};

use super::code::Code;
use super::finding::{Finding, Trouble, few, quoted};

/// A certificate that ends within so long is worth a warning.
const CERTIFICATE_ENDS: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What the administrator of PureConnect reads first: where it is, and whether it lets us in.
pub fn hosts(config: &pureconnect::Config, survey: &Survey, now: Timestamp) -> Vec<Finding> {
    if let Some(why) = &survey.misconfigured {
        let fact = format!("PureConnect cannot be asked anything: {why}.");
        let advice = "Correct [pureconnect].";
        return vec![Finding::problem(Code::SourceMisconfigured, Trouble::Configuration, fact, advice)];
    }
    let view = View { config, inside: survey.inside.is_some(), now };
    let mut findings: Vec<Finding> = survey.hosts.iter().flat_map(|host| view.host(host)).collect();
    if !survey.unlisted_hosts.is_empty() {
        let hosts = &survey.unlisted_hosts;
        let fact = format!("PureConnect names hosts that [pureconnect] does not: {}.", few(hosts));
        let advice = "Add them to hosts, so that the bridge finds the active server when the configured ones are away.";
        findings.push(Finding::warning(Code::SourceUnlistedHosts, fact, advice).with("hosts", hosts.clone()));
    }
    findings
}

/// Why nobody got in, in a few words, for what could not be looked at.
pub fn closed(survey: &Survey) -> &'static str {
    match survey.misconfigured {
        Some(_) => "PureConnect could not be asked anything",
        None => "no PureConnect host let the bridge in",
    }
}

struct View<'a> {
    config: &'a pureconnect::Config,
    /// Whether some host let us in, so that another one's trouble is a warning.
    inside: bool,
    now: Timestamp,
}

impl View<'_> {
    fn host(&self, host: &Host) -> Vec<Finding> {
        let mut findings = vec![self.reached(host)];
        findings.extend(self.encryption(host));
        findings.extend(host.certificate.as_ref().map(|certificate| self.certificate(host, certificate)));
        findings.extend(host.version.as_ref().map(|version| self.version(host, version)));
        findings.extend(self.logon(host));
        findings.into_iter().map(|finding| finding.with("host", host.host.as_str())).collect()
    }

    /// A problem, or a warning where another host does.
    fn trouble(&self, code: Code, trouble: Trouble, fact: String, advice: impl Into<String>) -> Finding {
        if self.inside {
            let fact = format!("{fact} Another host let the bridge in.");
            Finding::warning(code, fact, advice)
        } else {
            Finding::problem(code, trouble, fact, advice)
        }
    }

    fn reached(&self, host: &Host) -> Finding {
        let Host { host: name, address, .. } = host;
        let named = host.named_by.as_ref().map(|by| format!(" (named by {by})")).unwrap_or_default();
        let unreachable = |why: &str, advice: &str| {
            let fact = format!("{name}{named} is not reached at {address}: {why}.");
            self.trouble(Code::SourceUnreachable, Trouble::Unreachable, fact, advice)
        };
        match &host.reached {
            Reached::Yes | Reached::Untrusted => {
                Finding::ok(Code::SourceReachable, format!("{name}{named} answers at {address}."))
            }
            Reached::NameNotFound { said } => unreachable(
                &format!("its name is not known here ({said})"),
                "Check the spelling in hosts, and the name service of this computer.",
            ),
            Reached::Refused { said } => unreachable(
                &format!("nothing listens on that port ({said})"),
                "Check the port in base_url (8018 is http, 8019 https), and that the session manager runs there.",
            ),
            Reached::TimedOut => unreachable(
                "nothing came back in time",
                "Check firewalls between this computer and the server, and that the server is up.",
            ),
            Reached::NoHandshake { said } => unreachable(
                &format!("there was no TLS handshake ({said})"),
                "Check the port in base_url: 8019 is https, 8018 is http; and that the server offers TLS 1.2 or later.",
            ),
            Reached::Failed { said } => {
                unreachable(said, "Check what is between this computer and the server: proxies, firewalls, routes.")
            }
        }
    }

    /// Without TLS the password can be read on the way; on one computer there is no way.
    fn encryption(&self, host: &Host) -> Option<Finding> {
        let is_here = matches!(host.host.as_str(), "localhost" | "127.0.0.1" | "::1");
        if !host.address.starts_with("http:") || is_here {
            return None;
        }
        let fact = format!("The connection to {} is not encrypted: the password can be read on the way.", host.host);
        let advice = "Use https in base_url; the port is then 8019.";
        Some(Finding::warning(Code::SourceNotEncrypted, fact, advice))
    }

    fn certificate(&self, host: &Host, certificate: &Certificate) -> Finding {
        let Certificate { fingerprint_sha256: fingerprint, subject, issuer, not_after, trust } = certificate;
        let name = &host.host;
        let of = if subject.is_empty() { String::new() } else { format!(" ({subject}, issued by {issuer})") };
        let found = match trust {
            Trust::Trusted if self.config.tls.fingerprint_sha256.is_some() => {
                let fact = format!("The certificate of {name}{of} is the one that is pinned.");
                Finding::ok(Code::SourceCertificatePinned, fact)
            }
            Trust::Trusted => self.trusted(name, &of, *not_after),
            Trust::Untrusted { why } => {
                let fact = format!("The certificate of {name}{of} is not trusted: {why}.");
                let advice = "Compare this fingerprint with the server's own certificate; if they agree, write the line into \
                              [pureconnect]. Or name the certificate authority there: ca_file.";
                let untrusted = Code::SourceCertificateUntrusted;
                self.trouble(untrusted, Trouble::Configuration, fact, advice)
                    .line(format!("fingerprint_sha256 = \"{fingerprint}\""))
            }
            Trust::Unchecked => {
                let fact =
                    format!("The certificate of {name}{of} is not checked: anybody in between can read the password.");
                let advice = "Write this line into [pureconnect] in place of danger_accept_invalid_certificates.";
                Finding::warning(Code::SourceCertificateUnchecked, fact, advice)
                    .line(format!("fingerprint_sha256 = \"{fingerprint}\""))
            }
        };
        let ends = not_after.map(|ends| ends.to_string());
        found.with("fingerprint_sha256", fingerprint.as_str()).with("not_after", ends)
    }

    fn trusted(&self, name: &str, of: &str, not_after: Option<Timestamp>) -> Finding {
        let Some(ends) = not_after else {
            return Finding::ok(Code::SourceCertificateTrusted, format!("The certificate of {name}{of} is trusted."));
        };
        let day = ends.strftime("%Y-%m-%d");
        if ends.duration_since(self.now) > CERTIFICATE_ENDS {
            let fact = format!("The certificate of {name}{of} is trusted until {day}.");
            return Finding::ok(Code::SourceCertificateTrusted, fact);
        }
        let fact = format!("The certificate of {name}{of} ends on {day}.");
        let advice = "Have it renewed in time; without it the bridge does not connect.";
        Finding::warning(Code::SourceCertificateEnds, fact, advice)
    }

    fn version(&self, host: &Host, version: &Version) -> Finding {
        let (name, text) = (&host.host, &version.text);
        let needed = Release::FIRST_SUPPORTED;
        if version.is_supported() {
            let fact = format!("{name} runs PureConnect {text}; {needed} or later is needed.");
            return Finding::ok(Code::SourceRelease, fact).with("release", text.as_str());
        }
        let fact = format!("{name} runs PureConnect {text}, and {needed} or later is needed.");
        let advice = "Upgrade PureConnect. No password was sent to this server.";
        let finding = self.trouble(Code::SourceReleaseTooOld, Trouble::Unsupported, fact, advice);
        finding.with("release", text.as_str())
    }

    fn logon(&self, host: &Host) -> Option<Finding> {
        let (name, user) = (&host.host, &self.config.user);
        let refused = |code, fact: String, advice: &str| Some(self.trouble(code, Trouble::NotAuthorized, fact, advice));
        match &host.logon {
            // What the version and the network have to say was said.
            Logon::NotTried | Logon::TooOld => None,
            Logon::Accepted => {
                let fact = format!("{name} lets the user \"{user}\" in.");
                Some(Finding::ok(Code::SourceLoggedOn, fact).with("user", user.as_str()))
            }
            Logon::NotPureConnect { found } => {
                let fact = format!("What answers at {} is not PureConnect: {found}.", host.address);
                let advice = "Check base_url: it has to lead to the ICWS port of a CIC server, or to its proxy.";
                Some(self.trouble(Code::SourceNotIcws, Trouble::Unsupported, fact, advice))
            }
            Logon::WrongCredentials(said) => refused(
                Code::SourceLogonRefused,
                format!("{name} does not accept the user \"{user}\" with this password{}.", words(said)),
                "Check user and password in [pureconnect], and in Interaction Administrator that the account is neither \
                 locked nor expired. The password was tried once.",
            ),
            Logon::NoLicence(said) => refused(
                Code::SourceNoSdkLicence,
                format!("{name} has no free licence for the bridge{}.", words(said)),
                "The server needs the feature licence I3_FEATURE_ICWS_SDK.",
            ),
            Logon::NotAccepting { alternates, said } => Some(self.not_accepting(host, alternates, said)),
            Logon::Refused(said) => refused(
                Code::SourceLogonFailed,
                format!("{name} refuses the logon of \"{user}\"{}.", words(said)),
                "Check the user's rights and the server's licences in Interaction Administrator.",
            ),
            Logon::Failed { said } => {
                let fact = format!("The logon at {name} broke off: {said}.");
                let advice = "Try again; if it stays so, look at the session manager's log.";
                Some(self.trouble(Code::SourceLogonFailed, Trouble::Unreachable, fact, advice))
            }
        }
    }

    /// The backup of a switchover pair takes no logons, which is as it should be while the other one does.
    fn not_accepting(&self, host: &Host, alternates: &[String], said: &Said) -> Finding {
        let name = &host.host;
        let elsewhere = match alternates {
            [] => String::new(),
            hosts => format!(" and sends everybody to {}", few(hosts)),
        };
        let fact = format!("{name} takes no logons now{elsewhere}{}.", words(said));
        if self.inside {
            return Finding::ok(Code::SourceNoLogons, fact);
        }
        let advice = "Look which server of the pair is active; if a switchover is under way, try again in a minute.";
        Finding::problem(Code::SourceNoLogons, Trouble::Unreachable, fact, advice)
    }
}

/// What a server said, in brackets.
fn words(said: &Said) -> String {
    let Said { status, id, message } = said;
    let parts = [&status.to_string(), quoted(message), id].map(str::to_owned);
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    format!(" ({})", parts.join(": "))
}
