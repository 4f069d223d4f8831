//! Every kind of trouble that there is, by name, and on whose side it is.

/// A kind of trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// The connection to PureConnect breaks; a new session follows within a minute.
    ConnectionLost,
    /// PureConnect switches over: 30 s of nothing, reconnects after 90 to 150 s, logouts that were none.
    Switchover,
    /// A snapshot without agents.
    EmptySnapshot,
    /// A snapshot with half of the agents.
    ShortSnapshot,
    /// A snapshot without status messages.
    NoCatalogue,
    /// A snapshot with statuses of some minutes ago, from a server that was behind.
    OlderSnapshot,
    /// An agent enters a status that is not in the catalogue.
    UnknownStatus,
    /// A tick box of a status message flips.
    TickBox,
    /// An agent leaves the scope, or comes back.
    ScopeChange,
    /// PureConnect's clock steps by an hour.
    ServerClock,
    /// The newest message comes twice.
    Duplicate,
    /// Older messages come again before the newest.
    OldMessages,
    /// A third of the agents log out at once.
    MassLogout,
    /// One agent changes every second.
    Flapping,
    /// Genesys Cloud answers 503.
    Outage,
    /// An error although it was applied.
    ErrorAfterApplying,
    /// The request is lost on its way.
    RequestLost,
    /// The answer is lost on its way.
    AnswerLost,
    /// The request times out and is applied later, after its retry.
    AppliedLate,
    /// The request is applied twice.
    AppliedTwice,
    /// Answers take seconds and overtake each other.
    Slow,
    /// 429 with Retry-After.
    Throttled,
    /// 429 without Retry-After.
    ThrottledSilently,
    /// The platform allows fewer requests than before.
    TighterLimit,
    /// The credentials are refused for a while.
    Unauthorized,
    /// 403 on out of office alone.
    NoOutOfOffice,
    /// A user whose every change is refused, alone.
    PoisonItem,
    /// A user whose every change fails the whole request.
    PoisonBatch,
    /// Batches of more than a few changes are refused.
    TooLarge,
    /// The platform is busy with a user: 409, or "retryable".
    Deferred,
    /// The answer leaves a change out.
    Unmentioned,
    /// A user is deactivated, and comes back.
    UserGone,
    /// Somebody else writes.
    ForeignWrite,
    /// Another presence source becomes a user's primary one.
    PrimaryTaken,
    /// Notifications are lost.
    HintLost,
    /// Notifications come twice.
    HintTwice,
    /// A notification channel breaks.
    ChannelLost,
    /// The process is killed.
    Killed,
    /// The disk is full, or does not answer: the process ends.
    DiskFull,
    /// The disk is slow.
    SlowDisk,
    /// The process is stopped for 5, 20 or 60 s and more.
    Paused,
    /// The bridge's clock steps.
    ClockStep,
    /// The operator stops the bridge and starts it again.
    Restarted,
    /// One token is refused for a while.
    TokenRevoked,
    /// 429 for one token.
    TokenThrottled,
    /// The operator changes the scope.
    Rescoped,
    /// The operator changes the mapping.
    Reloaded,
    /// A user is deleted and made anew, with another id.
    UserReborn,
    /// A user may not be put on queue for a while; only where presences are written directly.
    OffQueueOnly,
}

impl Fault {
    /// Those that there are in every run.
    pub const COMMON: [Self; 43] = [
        Self::ConnectionLost,
        Self::Switchover,
        Self::EmptySnapshot,
        Self::ShortSnapshot,
        Self::NoCatalogue,
        Self::OlderSnapshot,
        Self::UnknownStatus,
        Self::TickBox,
        Self::ScopeChange,
        Self::ServerClock,
        Self::Duplicate,
        Self::OldMessages,
        Self::MassLogout,
        Self::Flapping,
        Self::Outage,
        Self::ErrorAfterApplying,
        Self::RequestLost,
        Self::AnswerLost,
        Self::AppliedLate,
        Self::AppliedTwice,
        Self::Slow,
        Self::Throttled,
        Self::ThrottledSilently,
        Self::TighterLimit,
        Self::Unauthorized,
        Self::NoOutOfOffice,
        Self::PoisonItem,
        Self::PoisonBatch,
        Self::TooLarge,
        Self::Deferred,
        Self::Unmentioned,
        Self::UserGone,
        Self::ForeignWrite,
        Self::PrimaryTaken,
        Self::HintLost,
        Self::HintTwice,
        Self::ChannelLost,
        Self::Killed,
        Self::DiskFull,
        Self::SlowDisk,
        Self::Paused,
        Self::ClockStep,
        Self::Restarted,
    ];

    /// Those that there are only in wide runs.
    pub const WIDE: [Self; 6] = [
        Self::TokenRevoked,
        Self::TokenThrottled,
        Self::Rescoped,
        Self::Reloaded,
        Self::UserReborn,
        Self::OffQueueOnly,
    ];

    /// How often it strikes where it is in the plan: milliseconds between two, on average.
    #[must_use]
    pub fn pace(self) -> u64 {
        let seconds = match self {
            Self::ErrorAfterApplying
            | Self::RequestLost
            | Self::AnswerLost
            | Self::AppliedLate
            | Self::AppliedTwice
            | Self::Deferred
            | Self::Unmentioned
            | Self::Duplicate
            | Self::OldMessages => 40,
            Self::UnknownStatus
            | Self::TickBox
            | Self::ScopeChange
            | Self::HintLost
            | Self::HintTwice
            | Self::ForeignWrite
            | Self::Slow
            | Self::SlowDisk
            | Self::ServerClock
            | Self::Rescoped
            | Self::Reloaded
            | Self::ChannelLost => 150,
            Self::ConnectionLost
            | Self::EmptySnapshot
            | Self::ShortSnapshot
            | Self::NoCatalogue
            | Self::OlderSnapshot
            | Self::MassLogout
            | Self::Flapping
            | Self::Outage
            | Self::Throttled
            | Self::ThrottledSilently
            | Self::TighterLimit
            | Self::Unauthorized
            | Self::NoOutOfOffice
            | Self::PoisonItem
            | Self::PoisonBatch
            | Self::TooLarge
            | Self::UserGone
            | Self::PrimaryTaken
            | Self::Paused
            | Self::ClockStep
            | Self::Restarted
            | Self::UserReborn => 400,
            Self::Switchover
            | Self::Killed
            | Self::DiskFull
            | Self::TokenRevoked
            | Self::TokenThrottled
            | Self::OffQueueOnly => 300,
        };
        seconds * 1_000
    }
}
