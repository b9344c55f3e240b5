//! Recursive n-queens: a master gives boards to workers, who give back larger
//! ones, or from some depth on solve them. A solution is a message.

use nimsync_benches::add_actors;

use crate::Run;

const WORKERS: u64 = 20;
/// From here on a worker goes on alone.
const ALONE: usize = 4;

pub(crate) fn case(run: &Run<'_>) {
    let (size, solutions) = if run.is_quick() {
        (9, 352)
    } else {
        (12, 14_200)
    };
    let all = run.all;
    let mut case = run.timed("n-queens, a solution", solutions);
    add_actors!(
        case.time,
        all,
        [by_hand, kameo, ractor, actix],
        queens(size, solutions)
    );
    case.run();
}

/// The columns of the queens, from the first row on.
type Board = Vec<u8>;

fn is_safe(board: &[u8], column: u8) -> bool {
    let rows = board.len();
    board.iter().enumerate().all(|(row, &queen)| {
        let distance = queen.abs_diff(column);
        distance != 0 && distance as usize != rows - row
    })
}

/// Returns the boards with one queen more.
fn larger(board: &Board, size: u8) -> impl Iterator<Item = Board> {
    let safe = (0..size).filter(|&column| is_safe(board, column));
    safe.map(|column| board.iter().copied().chain([column]).collect())
}

/// Counts the solutions.
fn solve(board: &mut Board, size: u8) -> u64 {
    if board.len() == size as usize {
        return 1;
    }
    let mut solutions = 0;
    for column in 0..size {
        if is_safe(board, column) {
            board.push(column);
            solutions += solve(board, size);
            board.pop();
        }
    }
    solutions
}

#[cfg(feature = "nimsync")]
mod ours {
    use nimsync::Runtime;
    use nimsync::prelude::*;
    use nimsync_benches::actors::{Report, report};
    use nimsync_benches::ours::in_task;

    use super::{ALONE, Board, WORKERS, larger, solve};

    #[actor(mailbox = 1024)]
    struct Master {
        workers: Vec<WorkerHandle>,
        turn: usize,
        given: u64,
        done: u64,
        solutions: u64,
        report: Report<u64>,
    }

    #[actor]
    impl Master {
        pub(crate) fn hire(&mut self, worker: WorkerHandle) {
            self.workers.push(worker);
        }

        pub(crate) async fn give(&mut self, board: Board) {
            let worker = &self.workers[self.turn];
            worker.work(board).tell().await.expect("it runs");
            self.turn = (self.turn + 1) % self.workers.len();
            self.given += 1;
        }

        pub(crate) fn solution(&mut self) {
            self.solutions += 1;
        }

        pub(crate) fn done(&mut self) {
            self.done += 1;
            if self.done == self.given {
                self.report.send(self.solutions);
            }
        }
    }

    #[actor(mailbox = 1024)]
    struct Worker {
        master: MasterHandle,
        size: u8,
    }

    #[actor]
    impl Worker {
        pub(crate) async fn work(&mut self, mut board: Board) {
            if board.len() < ALONE {
                for board in larger(&board, self.size) {
                    self.master.give(board).tell().await.expect("it runs");
                }
            } else {
                for _ in 0..solve(&mut board, self.size) {
                    self.master.solution().tell().await.expect("it runs");
                }
            }
            self.master.done().tell().await.expect("it runs");
        }
    }

    pub(crate) fn queens(runtime: &Runtime, size: u8, solutions: u64) {
        in_task(runtime, async move {
            let (report, found) = report();
            let system = ActorSystem::new();
            let master = system.spawn(Master {
                workers: Vec::new(),
                turn: 0,
                given: 0,
                done: 0,
                solutions: 0,
                report,
            });
            for _ in 0..WORKERS {
                let worker = system.spawn(Worker {
                    master: master.clone(),
                    size,
                });
                master.hire(worker).tell().await.expect("it runs");
            }
            master.give(Vec::new()).tell().await.expect("it runs");
            assert_eq!(found.await, Ok(solutions));
            system.stop().await.expect("no actor fails");
        });
    }
}

mod peers {
    use nimsync_benches::actors::{Behavior, Library, Report, report};

    use super::{ALONE, Board, WORKERS, larger, solve};

    struct Master<L: Library> {
        workers: Vec<L::Address<Worker<L>>>,
        turn: usize,
        given: u64,
        done: u64,
        solutions: u64,
        report: Report<u64>,
    }

    enum ToMaster<L: Library> {
        Hire(L::Address<Worker<L>>),
        Give(Board),
        Solution,
        Done,
    }

    impl<L: Library> Behavior<L> for Master<L> {
        const MAILBOX: usize = 1024;
        type Message = ToMaster<L>;
        type Reply = ();

        async fn handle(&mut self, message: ToMaster<L>) {
            match message {
                ToMaster::Hire(worker) => self.workers.push(worker),
                ToMaster::Give(board) => {
                    L::tell(&self.workers[self.turn], board).await;
                    self.turn = (self.turn + 1) % self.workers.len();
                    self.given += 1;
                }
                ToMaster::Solution => self.solutions += 1,
                ToMaster::Done => {
                    self.done += 1;
                    if self.done == self.given {
                        self.report.send(self.solutions);
                    }
                }
            }
        }
    }

    struct Worker<L: Library> {
        master: L::Address<Master<L>>,
        size: u8,
    }

    impl<L: Library> Behavior<L> for Worker<L> {
        const MAILBOX: usize = 1024;
        type Message = Board;
        type Reply = ();

        async fn handle(&mut self, mut board: Board) {
            if board.len() < ALONE {
                for board in larger(&board, self.size) {
                    L::tell(&self.master, ToMaster::Give(board)).await;
                }
            } else {
                for _ in 0..solve(&mut board, self.size) {
                    L::tell(&self.master, ToMaster::Solution).await;
                }
            }
            L::tell(&self.master, ToMaster::Done).await;
        }
    }

    pub(crate) fn queens<L: Library>(library: &L, size: u8, solutions: u64) {
        let found = library.run(async move {
            let (report, found) = report();
            let master = Master::<L> {
                workers: Vec::new(),
                turn: 0,
                given: 0,
                done: 0,
                solutions: 0,
                report,
            };
            let master = L::spawn(0, master).await;
            let mut workers = Vec::new();
            for number in 0..WORKERS {
                let worker = Worker::<L> {
                    master: master.clone(),
                    size,
                };
                let worker = L::spawn(number, worker).await;
                L::tell(&master, ToMaster::Hire(worker.clone())).await;
                workers.push(worker);
            }
            L::tell(&master, ToMaster::Give(Vec::new())).await;
            let found = found.await;
            for worker in workers {
                L::stop(worker).await;
            }
            L::stop(master).await;
            found
        });
        assert_eq!(found, Ok(solutions));
    }
}
