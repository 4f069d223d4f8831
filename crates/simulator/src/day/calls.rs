//! How calls go: answered, put on hold, declined, not answered; direct ones, dialled ones, two at a time; and what the
//! agent's status does meanwhile.
//!
//! Each story is written into the agent's script as a whole and leaves the agent available and idle at `now`.

use std::time::Duration;

use super::agent::{AgentDay, Pause};
use crate::icws::{Action, By, Direction, Interaction, Media};
use crate::population::GROUP_RING;

/// How long a workgroup's call rings at an agent, the vendor's default.
const OFFERING: Duration = Duration::from_secs(15);
/// After work in a call: PureConnect's own statuses.
const WRAP_UP: &str = "Follow Up";
const NO_ANSWER: &str = "AcdAgentNotAnswering";

impl AgentDay {
    /// One call of any kind.
    pub(super) fn call(&mut self) {
        match self.random.u32(..100) {
            0..62 => self.answered(false),
            62..70 => self.answered(true),
            70..74 => self.not_answered(),
            74..77 => self.declined(),
            77..83 if self.rings_along => self.direct(Some(GROUP_RING), Media::Call),
            77..83 => self.direct(None, Media::Intercom),
            83..90 => self.dialled(None),
            90..95 => self.dialled(Some(self.workgroup)),
            95..98 => self.with_chat(),
            _ => self.passed_on(),
        }
    }

    fn interaction(&mut self, workgroup: Option<&str>, direction: Direction, media: Media) -> Interaction {
        Interaction { id: self.new_id(), workgroup: workgroup.map(str::to_owned), direction, media }
    }

    /// A call of the workgroup waits for a moment and then rings at the agent; returns its id and since when it rings.
    fn ring(&mut self, media: Media) -> (String, Duration) {
        let interaction = self.interaction(Some(self.workgroup), Direction::Inbound, media);
        let id = interaction.id.clone();
        let mut at = self.now;
        if self.random.bool() {
            self.push(at, vec![Action::Offer { interaction: interaction.clone() }]);
            at += self.seconds(1, 5);
        }
        self.push(at, vec![Action::Alert { user: self.user.clone(), interaction }]);
        (id, at)
    }

    fn talk(&mut self) -> Duration {
        // Two dice: most talks are of middle length.
        self.seconds(20, 130) + self.seconds(15, 130)
    }

    fn disconnect(&mut self, at: Duration, id: &str, then: Option<&str>) {
        let by = if self.random.bool() { By::Us } else { By::Remote };
        let mut actions = vec![Action::Disconnect { id: id.to_owned(), by }];
        actions.extend(then.map(|status| Action::status(&self.user, status)));
        self.push(at, actions);
        let gone = at + self.seconds(2, 5);
        self.push(gone, vec![Action::Remove { id: id.to_owned() }]);
    }

    /// After call work, and then available again.
    fn wrap_up(&mut self, from: Duration) {
        let done = from + self.seconds(8, 40);
        self.push_status(done, "Available");
        self.now = done + self.seconds(3, 5);
    }

    /// Rings, is answered, maybe held or with a question to a colleague, ends, after call work.
    fn answered(&mut self, consults: bool) {
        let (id, rings) = self.ring(Media::Call);
        let answered = rings + self.seconds(2, 9);
        self.push(answered, vec![Action::Answer { id: id.clone() }]);
        let mut end = answered + self.talk();
        if consults || self.random.u32(..5) == 0 {
            let held = answered + (end - answered) / 3;
            self.push(held, vec![Action::Hold { id: id.clone() }]);
            let resumed = if consults { self.ask_colleague(held) } else { held + self.seconds(5, 15) };
            self.push(resumed, vec![Action::Resume { id: id.clone() }]);
            end = end.max(resumed + self.seconds(5, 60));
        }
        self.disconnect(end, &id, Some(WRAP_UP));
        self.wrap_up(end);
    }

    /// An intercom call out while another waits; returns when it is over.
    fn ask_colleague(&mut self, from: Duration) -> Duration {
        let interaction = self.interaction(None, Direction::Outbound, Media::Intercom);
        let id = interaction.id.clone();
        let dialled = from + self.seconds(1, 3);
        self.push(dialled, vec![Action::Dial { user: self.user.clone(), interaction }]);
        let answered = dialled + self.seconds(3, 8);
        self.push(answered, vec![Action::Answer { id: id.clone() }]);
        let end = answered + self.seconds(10, 40);
        self.disconnect(end, &id, None);
        end + self.seconds(1, 2)
    }

    /// Rings until the workgroup takes it back, and the agent is put in the no-answer status.
    fn not_answered(&mut self) {
        let (id, rings) = self.ring(Media::Call);
        let back = rings + OFFERING;
        let status = Action::status(&self.user, NO_ANSWER);
        self.push(back, vec![Action::Leave { id: id.clone() }, status]);
        self.elsewhere(back, id);
        let ready = back + self.seconds(12, 90);
        self.push_status(ready, "Available");
        self.now = ready + self.seconds(3, 6);
    }

    /// The agent declines and goes for a break in the same moment; which of the two is told first varies.
    fn declined(&mut self) {
        let (id, rings) = self.ring(Media::Call);
        let at = rings + self.seconds(3, 8);
        let leaves = Action::Leave { id: id.clone() };
        let status = Action::status(&self.user, "Away from desk");
        let both = if self.random.bool() { vec![leaves, status] } else { vec![status, leaves] };
        self.push(at, both);
        self.elsewhere(at, id);
        let ready = at + self.seconds(60, 300);
        self.push_status(ready, "Available");
        self.now = ready + self.seconds(3, 6);
    }

    /// Somebody who is not part of this day takes the call that waits in the workgroup.
    fn elsewhere(&mut self, from: Duration, id: String) {
        let taken = from + self.seconds(3, 10);
        self.push(taken, vec![Action::Remove { id }]);
    }

    /// A colleague calls, or somebody whose call ACD has not routed.
    fn direct(&mut self, workgroup: Option<&str>, media: Media) {
        let interaction = self.interaction(workgroup, Direction::Inbound, media);
        let id = interaction.id.clone();
        self.push(self.now, vec![Action::Alert { user: self.user.clone(), interaction }]);
        let answered = self.now + self.seconds(2, 9);
        self.push(answered, vec![Action::Answer { id: id.clone() }]);
        let end = answered + self.seconds(20, 120);
        self.disconnect(end, &id, None);
        self.now = end + self.seconds(6, 9);
    }

    /// The agent dials, for the workgroup or not; sometimes nobody answers.
    fn dialled(&mut self, workgroup: Option<&str>) {
        let interaction = self.interaction(workgroup, Direction::Outbound, Media::Call);
        let id = interaction.id.clone();
        self.push(self.now, vec![Action::Dial { user: self.user.clone(), interaction }]);
        let mut end = self.now + self.seconds(4, 20);
        if self.random.u32(..6) > 0 {
            self.push(end, vec![Action::Answer { id: id.clone() }]);
            end += self.talk();
        }
        self.disconnect(end, &id, None);
        self.now = end + self.seconds(6, 9);
    }

    /// A chat of the workgroup, and a colleague's call while it lasts.
    fn with_chat(&mut self) {
        let (chat, rings) = self.ring(Media::Chat);
        let answered = rings + self.seconds(2, 9);
        self.push(answered, vec![Action::Answer { id: chat.clone() }]);
        self.now = answered + self.seconds(10, 60);
        self.direct(None, Media::Intercom);
        let end = self.now + self.seconds(5, 90);
        self.disconnect(end, &chat, Some(WRAP_UP));
        self.wrap_up(end);
    }

    /// The agent hands the call back to the workgroup, and has after call work.
    fn passed_on(&mut self) {
        let (id, rings) = self.ring(Media::Call);
        let answered = rings + self.seconds(2, 9);
        self.push(answered, vec![Action::Answer { id: id.clone() }]);
        let end = answered + self.talk();
        let status = Action::status(&self.user, WRAP_UP);
        self.push(end, vec![Action::Leave { id: id.clone() }, status]);
        self.elsewhere(end, id);
        self.wrap_up(end + Duration::from_secs(3));
    }

    /// The agent goes into a pause while a call still rings or lasts, and finishes the call first.
    pub(super) fn call_into(&mut self, pause: Pause) {
        let (id, rings) = self.ring(Media::Call);
        let while_ringing = self.random.u32(..4) == 0;
        let leaves = if while_ringing {
            let leaves = rings + self.seconds(2, 4);
            self.push(leaves + Duration::from_secs(3), vec![Action::Answer { id: id.clone() }]);
            leaves
        } else {
            let answered = rings + self.seconds(2, 9);
            self.push(answered, vec![Action::Answer { id: id.clone() }]);
            answered + self.seconds(10, 100)
        };
        let end = leaves + self.seconds(8, 90);
        let back = (leaves + pause.length).max(end + Duration::from_secs(10));
        self.push_pause(leaves, pause, back);
        self.disconnect(end, &id, None);
        self.push_status(back, "Available");
        self.now = back + self.seconds(3, 8);
    }
}
