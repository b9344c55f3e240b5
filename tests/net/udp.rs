//! Datagrams.

use nimsync::net::UdpSocket;
use nimsync::prelude::*;

#[nimsync::test]
async fn datagrams_keep_their_bounds() {
    let a = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let b = UdpSocket::bind(("127.0.0.1", 0)).await.unwrap();
    a.connect(b.local_addr().unwrap()).await.unwrap();
    assert_eq!(a.peer_addr().unwrap(), b.local_addr().unwrap());
    a.send(b"one").await.unwrap();
    a.send(b"two!").await.unwrap();
    let mut bytes = [0; 16];
    assert_eq!(b.peek_from(&mut bytes).await.unwrap().0, 3);
    assert_eq!(b.recv(&mut bytes).await.unwrap(), 3);
    let (length, from) = b.recv_from(&mut bytes).await.unwrap();
    assert_eq!(
        (&bytes[..length], from),
        (&b"two!"[..], a.local_addr().unwrap())
    );
    b.send_to(b"back", from).await.unwrap();
    assert_eq!(a.recv(&mut bytes).await.unwrap(), 4);
}

#[nimsync::test]
async fn a_wait_for_a_datagram_is_cut_off_and_begun_again() {
    let a = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let b = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let mut bytes = [0; 4];
    for i in 0..50_u8 {
        assert!(
            with_timeout!(1.milliseconds(), b.recv(&mut bytes))
                .await
                .is_err()
        );
        a.send_to(&[i], b.local_addr().unwrap()).await.unwrap();
        assert_eq!(b.recv(&mut bytes).await.unwrap(), 1);
        assert_eq!(bytes[0], i);
    }
}

/// Several tasks wait for the same socket; each datagram goes to one of them.
#[nimsync::test(workers = 2)]
async fn several_tasks_receive_from_one_socket() {
    let receiver = std::sync::Arc::new(UdpSocket::bind("127.0.0.1:0").await.unwrap());
    let sender = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let to = receiver.local_addr().unwrap();
    let sum = task_group!(|g| {
        let mut children = Vec::new();
        for _ in 0..4 {
            let receiver = receiver.clone();
            children.push(g.spawn(async move {
                let mut byte = [0];
                let mut sum = 0_u32;
                for _ in 0..5 {
                    receiver.recv(&mut byte).await?;
                    sum += u32::from(byte[0]);
                }
                std::io::Result::Ok(sum)
            }));
        }
        for i in 0..20_u8 {
            sender.send_to(&[i], to).await?;
        }
        let mut sum = 0;
        for child in children {
            sum += child.await;
        }
        Ok(sum)
    })
    .await
    .unwrap();
    assert_eq!(sum, (0..20).sum::<u32>());
}
