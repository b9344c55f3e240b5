use nimsync::prelude::*;

#[nimsync::main]
async fn main() {
    let (tx, rx) = channel::mpmc::<u32>(4);
    for value in 1..=4 {
        tx.try_send(value).unwrap();
    }

    // One arm, without a comma.
    select! { value = rx.recv() => assert_eq!(value, Ok(1)) }
    // A block needs no comma, nor does anything that needs none in a `match`.
    let limit = 10;
    let sum = select! {
        biased;
        Ok(value) = rx.recv(), if limit > 5 => {
            let doubled = value * 2;
            doubled + 1
        }
        () = sleep(1.minutes()) => if limit > 5 { 0 } else { 1 }
        () = std::future::pending() => match limit { _ => 0 }
        else => unreachable!(),
    };
    assert_eq!(sum, 5);
    // The arms may borrow what the bodies change.
    let mut seen = Vec::new();
    let mut closed = 0;
    loop {
        select! {
            Ok(value) = rx.recv() => seen.push(value),
            Err(_) = rx.recv(), if false => closed += 1,
            default => break,
        }
    }
    assert_eq!((seen, closed), (vec![3, 4], 0));
    // A future by reference goes on in the next round.
    let mut ticks = 0;
    let mut late = std::pin::pin!(sleep(20.milliseconds()));
    loop {
        select! {
            () = &mut late => break,
            () = sleep(1.milliseconds()) => ticks += 1,
        }
    }
    assert!(ticks > 0);
    // Patterns: alternatives, nested ones, a binding with a pattern behind it, fields.
    struct Point {
        x: i32,
        y: i32,
    }
    let text = select! {
        Ok(1 | 2) | Err(_) = async { Err::<i32, ()>(()) } => "one, two or none",
    };
    assert_eq!(text, "one, two or none");
    let [a, ..] = select! { found @ [_, 2, 3] = async { [1, 2, 3] } => found, };
    let Point { x, y } =
        select! { point @ Point { x: 1.., .. } = async { Point { x: 1, y: 2 } } => point };
    assert_eq!((a, x, y), (1, 1, 2));
    let owned =
        select! { Some(mut name) = async { Some(String::from("a")) } => { name.push('b'); name } };
    assert_eq!(owned, "ab");
    let matched = select! { "text" = async { "text" } => true, };
    assert!(matched);
    // Words of the macro are names elsewhere.
    let default = select! { default = async { 1 } => default, };
    let biased = select! { biased = async { default } => biased };
    assert_eq!(biased, 1);
    // `?`, `return`, `break` and `.await` in bodies belong to the function around.
    assert_eq!(answer(&rx).await, Ok(7));
    // Nothing is left.
    tx.close();
    let left = select! {
        Ok(value) = rx.recv() => Some(value),
        else => None,
    };
    assert_eq!(left, None);
}

async fn answer(rx: &channel::mpmc::Receiver<u32>) -> Result<u32, std::num::ParseIntError> {
    select! {
        Ok(value) = rx.recv() => Ok(value),
        text = async { "7" } => {
            nimsync::yield_now().await;
            let value = text.parse()?;
            return Ok(value);
        }
    }
}
