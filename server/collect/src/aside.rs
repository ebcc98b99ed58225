//! What may hang (a lost network mount, a stuck driver) is asked on a thread of its own.

use std::{
    io,
    sync::mpsc::{self, Receiver, Sender},
    thread,
    time::Duration,
};

/// A thread that answers one question at a time. Nobody ever waits for it.
///
/// Dropping this lets the thread end after the question it is at; one that hangs stays until it is let go.
#[derive(Debug)]
pub(crate) struct Aside<Q, A> {
    questions: Sender<Q>,
    answers: Receiver<A>,
    /// When the question was asked that has no answer yet.
    asked: Option<Duration>,
}

impl<Q: Send + 'static, A: Send + 'static> Aside<Q, A> {
    /// Starts the thread.
    ///
    /// # Errors
    /// The system starts no further thread.
    pub(crate) fn start(
        name: &str,
        mut work: impl FnMut(Q) -> A + Send + 'static,
    ) -> io::Result<Self> {
        let (questions, asked) = mpsc::channel();
        let (answer, answers) = mpsc::channel();
        thread::Builder::new()
            .name(name.to_owned())
            .stack_size(256 << 10)
            .spawn(move || {
                while let Ok(question) = asked.recv() {
                    if answer.send(work(question)).is_err() {
                        break;
                    }
                }
            })?;
        Ok(Self {
            questions,
            answers,
            asked: None,
        })
    }

    /// Asks, unless an earlier question is still unanswered.
    pub(crate) fn ask(&mut self, question: Q, now: Duration) {
        if self.asked.is_none() && self.questions.send(question).is_ok() {
            self.asked = Some(now);
        }
    }

    /// The answer to the last question, once, and when it was asked.
    pub(crate) fn answer(&mut self) -> Option<(Duration, A)> {
        let answer = self.answers.try_recv().ok()?;
        Some((self.asked.take()?, answer))
    }

    /// How long the question without an answer has been waiting; zero where there is none.
    pub(crate) fn waiting(&self, now: Duration) -> Duration {
        self.asked
            .map_or(Duration::ZERO, |asked| now.saturating_sub(asked))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop")]
    use super::*;

    #[test]
    fn a_question_that_hangs_is_not_asked_twice() {
        let (release, hang) = mpsc::channel::<()>();
        let mut aside = Aside::start("ytops-test", move |question: u32| {
            let _ = hang.recv();
            question
        })
        .unwrap();
        let second = Duration::from_secs;
        aside.ask(1, second(0));
        aside.ask(2, second(1));
        assert_eq!(aside.waiting(second(5)), second(5));
        assert!(aside.answer().is_none());
        drop(release);
        let answer = loop {
            if let Some(answer) = aside.answer() {
                break answer;
            }
            thread::yield_now();
        };
        assert_eq!(answer, (second(0), 1));
        assert_eq!(aside.waiting(second(9)), Duration::ZERO);
        aside.ask(3, second(9));
        assert_eq!(aside.answers.recv().unwrap(), 3, "2 was never asked");
    }
}
