#![expect(clippy::unwrap_used, reason = "a test may stop")]
use std::process::Command;

use super::*;

/// Builds the stand-in with `defines` and opens it. Each is a library of its own, so tests do not share its state.
fn fake(name: &str, defines: &[&str]) -> NvmlGpu {
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/src/adapters/gpu/fake_nvml.c");
    let library = std::env::temp_dir().join(format!("ytops-fake-nvml-{name}.so"));
    // Another run of the tests may have the library open: it is replaced, not written over.
    let fresh = library.with_extension(std::process::id().to_string());
    let built = Command::new("gcc")
        .args(["-shared", "-fPIC", "-Wall", "-Werror", "-o"])
        .arg(&fresh)
        .args(defines)
        .arg(source)
        .status()
        .unwrap();
    assert!(built.success());
    std::fs::rename(&fresh, &library).unwrap();
    NvmlGpu::new(Some(library.into_os_string()))
}

#[tokio::test]
async fn two_cards_tell_their_figures() {
    let gpu = fake("two", &["-DCARDS=2"]);
    let cards = gpu.cards().await.unwrap();
    assert_eq!(cards.driver, "580.95.05");
    assert_eq!(
        cards.cards[0],
        Card {
            index: 0,
            name: "NVIDIA GeForce RTX 5090".to_owned(),
            lost: None,
            memory_total_bytes: Some(32 << 30),
            memory_used_bytes: Some(8 << 30),
            utilization_percent: Some(40),
            temperature_c: Some(61),
            power_w: Some(312.5),
        }
    );
    assert_eq!(cards.cards[1].utilization_percent, Some(41));
    assert_eq!(
        cards.cards[1].power_w, None,
        "what a card does not tell is left out"
    );
    assert_eq!(gpu.cards().await.unwrap(), cards, "the library stays open");
}

#[tokio::test]
async fn no_card_is_an_empty_list() {
    let cards = fake("none", &["-DCARDS=0"]).cards().await.unwrap();
    assert!(cards.cards.is_empty());
}

#[tokio::test]
async fn a_driver_that_is_not_loaded_is_a_reason() {
    let reason = fake("unloaded", &["-DINIT=9"]).cards().await.unwrap_err();
    assert_eq!(
        reason,
        GpuError::Absent("no NVIDIA driver found: its kernel module is not loaded".to_owned())
    );
}

#[tokio::test]
async fn a_driver_that_fails_is_no_missing_driver() {
    let reason = fake("failing", &["-DINIT=999"]).cards().await.unwrap_err();
    assert!(matches!(reason, GpuError::Failed(_)), "{reason}");
}

#[tokio::test]
async fn a_lost_card_is_told_beside_the_others() {
    let cards = fake("lost", &["-DCARDS=2", "-DLOST=1"])
        .cards()
        .await
        .unwrap();
    assert_eq!(cards.cards[0].lost, None);
    let reason = cards.cards[1].lost.clone().unwrap();
    assert!(reason.contains("fell off the bus"), "{reason}");
}

#[tokio::test]
async fn no_library_is_a_reason() {
    let gpu = NvmlGpu::new(Some("/nowhere/libnvidia-ml.so.1".into()));
    let reason = gpu.cards().await.unwrap_err();
    assert!(
        matches!(&reason, GpuError::Absent(reason) if reason.starts_with("no NVIDIA driver found: its library")),
        "{reason}"
    );
    assert_eq!(
        gpu.cards().await.unwrap_err(),
        reason,
        "asked again, not stuck"
    );
}
