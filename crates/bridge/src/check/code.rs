//! The stable names of everything that can be found. `docs/findings.md` explains each under a heading of its own.

use std::fmt;

macro_rules! codes {
    ($($variant:ident = $name:literal: $what:literal;)*) => {
        /// The stable name of something that can be found.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code {
            $(#[doc = $what] $variant,)*
            /// What the mapping's own look at the rules found; its code is its own.
            Mapping(&'static str),
        }

        impl Code {
            /// All of them but the mapping's.
            #[cfg(test)]
            pub const OWN: &[Self] = &[$(Self::$variant,)*];

            /// As it is written.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                    Self::Mapping(name) => name,
                }
            }
        }
    };
}

codes! {
    NotChecked = "not-checked": "Something before it failed.";

    ConfigurationRead = "configuration-read": "The file is understood.";
    ConfigurationInvalid = "configuration-invalid": "The file is not understood.";
    ConfigurationWarning = "configuration-warning": "Something about the file is odd.";

    SourceMisconfigured = "source-misconfigured": "[pureconnect] can never work.";
    SourceReachable = "source-reachable": "A host answers.";
    SourceUnreachable = "source-unreachable": "A host does not answer.";
    SourceNotIcws = "source-not-icws": "Something else answers there.";
    SourceNotEncrypted = "source-not-encrypted": "The connection is not encrypted.";
    SourceCertificateTrusted = "source-certificate-trusted": "The certificate is trusted.";
    SourceCertificatePinned = "source-certificate-pinned": "The certificate is the pinned one.";
    SourceCertificateUntrusted = "source-certificate-untrusted": "The certificate is not trusted.";
    SourceCertificateEnds = "source-certificate-ends": "The certificate ends soon.";
    SourceCertificateUnchecked = "source-certificate-unchecked": "Any certificate is taken.";
    SourceLoggedOn = "source-logged-on": "The logon succeeded.";
    SourceLogonRefused = "source-logon-refused": "User or password are not accepted.";
    SourceLogonFailed = "source-logon-failed": "The logon failed for another reason.";
    SourceNoLogons = "source-no-logons": "A host takes no logons now.";
    SourceNoSdkLicence = "source-no-sdk-licence": "The licence for the bridge itself is missing.";
    SourceUnlistedHosts = "source-unlisted-hosts": "Servers name others that are not configured.";
    SourcePasswordEnds = "source-password-ends": "The password ends soon.";
    SourceRelease = "source-release": "The release is supported.";
    SourceReleaseTooOld = "source-release-too-old": "The release is too old.";
    SourceMode = "source-mode": "What is replicated.";
    SourceModeStatusOnly = "source-mode-status-only": "Presence alone, for want of a licence.";
    SourceModeUnknown = "source-mode-unknown": "The licence cannot be seen.";
    SourcePush = "source-push": "The server pushes.";
    SourcePolling = "source-polling": "The server is polled.";
    SourceClock = "source-clock": "The clocks agree.";
    SourceClockOff = "source-clock-off": "The clocks differ.";
    SourceRights = "source-rights": "The rights that are there.";
    SourceRightMissing = "source-right-missing": "A right is missing.";
    SourceRightUnknown = "source-right-unknown": "A right cannot be found out.";
    SourceStatusesHidden = "source-statuses-hidden": "Some agents' statuses cannot be seen.";
    SourceQueuesHidden = "source-queues-hidden": "Some agents' queues cannot be watched.";
    SourceCatalogue = "source-catalogue": "Status messages are there.";
    SourceCatalogueEmpty = "source-catalogue-empty": "No status message is to be seen.";
    SourceIncomplete = "source-incomplete": "PureConnect did not answer everything.";

    TargetMisconfigured = "target-misconfigured": "[genesys_cloud] can never work.";
    TargetAddress = "target-address": "Where Genesys Cloud is.";
    TargetUnreachable = "target-unreachable": "Genesys Cloud does not answer.";
    TargetCertificateUntrusted = "target-certificate-untrusted": "Its certificate is not trusted.";
    TargetToken = "target-token": "The OAuth client got a token.";
    TargetTokenRefused = "target-token-refused": "The OAuth client is not accepted.";
    TargetNotLogin = "target-not-login": "What answers is no login service.";
    TargetTokenRejected = "target-token-rejected": "The API does not accept the token.";
    TargetNotApi = "target-not-api": "What answers is no Platform API.";
    TargetOrganisation = "target-organisation": "The organisation.";
    TargetOrganisationUnnamed = "target-organisation-unnamed": "Its name may not be read.";
    TargetOrganisationsDiffer = "target-organisations-differ": "The OAuth clients are of several.";
    TargetPermission = "target-permission": "A permission is there.";
    TargetPermissionMissing = "target-permission-missing": "A permission is missing.";
    TargetPermissionUnneeded = "target-permission-unneeded": "A missing one that does not matter.";
    TargetPermissionUnknown = "target-permission-unknown": "A permission cannot be found out.";
    TargetPresences = "target-presences": "All system presences are there.";
    TargetPresenceMissing = "target-presence-missing": "A system presence is missing.";
    TargetPresencesPartly = "target-presences-partly": "Not everything about presences can be read.";
    TargetSource = "target-source": "Our presence source is there.";
    TargetSourceNew = "target-source-new": "Our presence source will be created.";
    TargetSourceSeveral = "target-source-several": "Our presence source is there more than once.";
    TargetSourceStray = "target-source-stray": "A source was made by mistake.";
    TargetSourceTaken = "target-source-taken": "The name is another kind of source's.";
    TargetSourceOthers = "target-source-others": "There are other presence sources.";
    TargetPrimarySource = "target-primary-source": "Whose primary source it becomes.";
    TargetPrimarySourceOther = "target-primary-source-other": "Another source is primary.";
    TargetDeliveryEvents = "target-delivery-events": "Delivery by events.";
    TargetDeliveryDirect = "target-delivery-direct": "Direct delivery.";
    TargetDeliveryImpossible = "target-delivery-impossible": "No delivery.";
    TargetIncomplete = "target-incomplete": "Genesys Cloud did not answer everything.";

    UsersInScope = "users-in-scope": "How many agents are replicated.";
    UsersNoneInScope = "users-none-in-scope": "None are.";
    UsersUnknownWorkgroup = "users-unknown-workgroup": "A workgroup of the scope is not there.";
    UsersMatched = "users-matched": "How many agents have their user.";
    UsersNoneMatched = "users-none-matched": "None has.";
    UsersWithoutEmail = "users-without-email": "Agents without an e-mail address.";
    UsersNotFound = "users-not-found": "Agents whom Genesys Cloud does not know.";
    UsersSeveral = "users-several": "Agents of whom Genesys Cloud has several.";
    UsersInactive = "users-inactive": "Agents whose user is inactive.";
    UsersShared = "users-shared": "Agents who share a user.";
    UsersByExternalId = "users-by-external-id": "Agents who are looked for by external id.";

    MappingCompiled = "mapping-compiled": "The rules fit both systems.";
    MappingInvalid = "mapping-invalid": "The rules do not.";
    MappingClean = "mapping-clean": "Nothing about them is odd.";

    LoadBudget = "load-budget": "What may be sent.";
    LoadShiftChange = "load-shift-change": "A shift change is in time.";
    LoadShiftChangeLate = "load-shift-change-late": "A shift change is late.";
    LoadDirectory = "load-directory": "How often users are read.";
    LoadOutOfOffice = "load-out-of-office": "What out of office takes.";

    JournalUsable = "journal-usable": "It can be opened and written.";
    JournalNew = "journal-new": "It will be made.";
    JournalInUse = "journal-in-use": "The running bridge has it.";
    JournalTaken = "journal-taken": "Another bridge has it.";
    JournalOlder = "journal-older": "It will be led to this version.";
    JournalNotUsable = "journal-not-usable": "It cannot be written.";
    JournalNotOurs = "journal-not-ours": "It is damaged, foreign or newer.";
    JournalSpace = "journal-space": "There is room.";
    JournalSpaceLittle = "journal-space-little": "There is little room.";

    ControlFree = "control-free": "It can be opened.";
    ControlRunning = "control-running": "A bridge listens at it.";
    ControlNotUsable = "control-not-usable": "It cannot be opened.";

    ConsoleFree = "console-free": "It can have its address.";
    ConsoleRunning = "console-running": "The running bridge has its address.";
    ConsoleOff = "console-off": "There is none.";
    ConsoleTaken = "console-taken": "Another program has its address.";
    ConsoleNotUsable = "console-not-usable": "Its address cannot be had.";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
