//! The handle to PureConnect: sends what is to happen to the one task that owns it.

use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::catalogue::StatusMessage;
use super::world::World;
use super::world::action::{ActError, Action};
use super::world::fault::Fault;
use super::world::interaction::{By, Interaction};
use super::world::rights::Right;
use super::world::truth::Truth;

/// Something to do to the world, at once.
type Job = Box<dyn FnOnce(&mut World) + Send>;

/// Jobs that may wait: enough for every open request and the working day, which then wait for their turn.
const JOBS: usize = 256;

/// PureConnect, to act as the people, the callers and the administrator, and to look at the truth.
#[derive(Clone)]
pub struct System {
    jobs: mpsc::Sender<Job>,
}

/// Makes the handle and the task that owns the world; the task runs until it is stopped.
pub(crate) fn system(world: World, stop: CancellationToken) -> (System, impl Future<Output = ()> + Send) {
    let (jobs, queue) = mpsc::channel(JOBS);
    (System { jobs }, own(world, queue, stop))
}

async fn own(mut world: World, mut queue: mpsc::Receiver<Job>, stop: CancellationToken) {
    loop {
        // A day from now stands for never.
        let wake = world.next_wake().unwrap_or_else(|| Instant::now() + Duration::from_secs(86_400));
        tokio::select! {
            biased;
            () = stop.cancelled() => break,
            () = tokio::time::sleep_until(wake) => world.handle_wake(Instant::now()),
            job = queue.recv() => match job {
                Some(job) => job(&mut world),
                None => break,
            },
        }
    }
}

impl System {
    /// Does something to the world and returns its answer; `None` when the server has been stopped.
    pub(crate) async fn call<R: Send + 'static>(
        &self,
        job: impl FnOnce(&mut World) -> R + Send + 'static,
    ) -> Option<R> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |world| {
            // Nobody waits for it any more when the caller was dropped.
            let _ = answer.send(job(world));
        });
        self.jobs.send(job).await.ok()?;
        answered.await.ok()
    }

    /// Lets several things happen in one moment: no message or request comes between them. Stops at the first that
    /// cannot happen.
    ///
    /// # Errors
    /// What cannot happen, and why.
    pub async fn act(&self, actions: Vec<Action>) -> Result<(), ActError> {
        let acted = self.call(move |world| world.act_together(actions)).await;
        acted.unwrap_or(Err(ActError::Stopped))
    }

    async fn one(&self, action: Action) -> Result<(), ActError> {
        self.act(vec![action]).await
    }

    /// Sets a user's status.
    ///
    /// # Errors
    /// The user or the status message does not exist.
    pub async fn set_status(&self, user: &str, status_id: &str) -> Result<(), ActError> {
        self.one(Action::status(user, status_id)).await
    }

    /// Logs a user on at a desk.
    ///
    /// # Errors
    /// The user does not exist.
    pub async fn log_on(&self, user: &str) -> Result<(), ActError> {
        self.one(Action::LogOn { user: user.to_owned() }).await
    }

    /// Logs a user off.
    ///
    /// # Errors
    /// The user does not exist.
    pub async fn log_off(&self, user: &str) -> Result<(), ActError> {
        self.one(Action::LogOff { user: user.to_owned() }).await
    }

    /// Lets an interaction ring at a user.
    ///
    /// # Errors
    /// The user or the workgroup does not exist, or the interaction is busy already.
    pub async fn alert(&self, user: &str, interaction: Interaction) -> Result<(), ActError> {
        self.one(Action::Alert { user: user.to_owned(), interaction }).await
    }

    /// Lets a user dial.
    ///
    /// # Errors
    /// As for [`Self::alert`].
    pub async fn dial(&self, user: &str, interaction: Interaction) -> Result<(), ActError> {
        self.one(Action::Dial { user: user.to_owned(), interaction }).await
    }

    /// Answers an interaction that rings or was dialled.
    ///
    /// # Errors
    /// There is no such interaction, or it does not ring.
    pub async fn answer(&self, interaction: &str) -> Result<(), ActError> {
        self.one(Action::Answer { id: interaction.to_owned() }).await
    }

    /// Puts an interaction on hold.
    ///
    /// # Errors
    /// There is no such interaction, or it is not connected.
    pub async fn hold(&self, interaction: &str) -> Result<(), ActError> {
        self.one(Action::Hold { id: interaction.to_owned() }).await
    }

    /// Takes an interaction from hold.
    ///
    /// # Errors
    /// There is no such interaction, or it is not on hold.
    pub async fn resume(&self, interaction: &str) -> Result<(), ActError> {
        self.one(Action::Resume { id: interaction.to_owned() }).await
    }

    /// Ends an interaction; it stays on its queues, disconnected, until it is removed.
    ///
    /// # Errors
    /// There is no such interaction, or it has ended.
    pub async fn disconnect(&self, interaction: &str, by: By) -> Result<(), ActError> {
        self.one(Action::Disconnect { id: interaction.to_owned(), by }).await
    }

    /// Hands an interaction to another user, at whom it rings.
    ///
    /// # Errors
    /// There is no such interaction or user, or nobody talks.
    pub async fn transfer(&self, interaction: &str, to: &str) -> Result<(), ActError> {
        self.one(Action::Transfer { id: interaction.to_owned(), to: to.to_owned() }).await
    }

    /// Takes an interaction away from a user who declined it or did not answer.
    ///
    /// # Errors
    /// There is no such interaction.
    pub async fn leave(&self, interaction: &str) -> Result<(), ActError> {
        self.one(Action::Leave { id: interaction.to_owned() }).await
    }

    /// Removes an interaction from all queues.
    ///
    /// # Errors
    /// There is no such interaction.
    pub async fn remove(&self, interaction: &str) -> Result<(), ActError> {
        self.one(Action::Remove { id: interaction.to_owned() }).await
    }

    /// Creates a user.
    ///
    /// # Errors
    /// There is one with this id, or a workgroup does not exist.
    pub async fn add_user(&self, user: &str, email: Option<&str>, workgroups: &[&str]) -> Result<(), ActError> {
        self.one(Action::AddUser {
            user: user.to_owned(),
            display_name: user.to_owned(),
            email: email.map(str::to_owned),
            workgroups: workgroups.iter().map(|&name| name.to_owned()).collect(),
        })
        .await
    }

    /// Deletes a user.
    ///
    /// # Errors
    /// The user does not exist.
    pub async fn remove_user(&self, user: &str) -> Result<(), ActError> {
        self.one(Action::RemoveUser { user: user.to_owned() }).await
    }

    /// Changes a user's business e-mail.
    ///
    /// # Errors
    /// The user does not exist.
    pub async fn change_email(&self, user: &str, email: Option<&str>) -> Result<(), ActError> {
        self.one(Action::ChangeEmail { user: user.to_owned(), email: email.map(str::to_owned) }).await
    }

    /// Makes a user a member of a workgroup, or takes that back.
    ///
    /// # Errors
    /// The user or the workgroup does not exist.
    pub async fn set_membership(&self, user: &str, workgroup: &str, member: bool) -> Result<(), ActError> {
        let (user, workgroup) = (user.to_owned(), workgroup.to_owned());
        self.one(Action::Membership { user, workgroup, member }).await
    }

    /// Withholds exactly these rights from whoever logs on.
    ///
    /// # Errors
    /// Only that the server has been stopped.
    pub async fn withhold(&self, rights: &[Right]) -> Result<(), ActError> {
        self.one(Action::Rights { withheld: rights.iter().copied().collect() }).await
    }

    /// Creates a status message, or changes its text, group and tick boxes.
    ///
    /// # Errors
    /// Only that the server has been stopped.
    pub async fn change_status_message(&self, message: StatusMessage) -> Result<(), ActError> {
        self.one(Action::StatusMessage { message }).await
    }

    /// Deletes a status message.
    ///
    /// # Errors
    /// It does not exist.
    pub async fn remove_status_message(&self, status_id: &str) -> Result<(), ActError> {
        self.one(Action::RemoveStatusMessage { status: status_id.to_owned() }).await
    }

    /// The truth: every agent now, and all changes from `since` on. `None` when the server has been stopped.
    pub async fn truth(&self, since: u64) -> Option<Truth> {
        self.call(move |world| world.truth(since)).await
    }

    /// Lets something go wrong.
    pub async fn inject(&self, fault: Fault) {
        // A server that has been stopped has no faults.
        let _ = self.call(move |world| world.inject(fault)).await;
    }
}
