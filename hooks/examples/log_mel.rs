// SPDX-License-Identifier: MIT
// Five seconds of noise as a log-mel spectrogram.
// rustc -L $(pkg-config --variable=libdir mojo_audio) log_mel.rs

use std::ffi::CStr;
use std::os::raw::{c_char, c_int};

#[repr(C)]
struct MojoMelConfig {
    sample_rate: i32,
    n_fft: i32,
    hop_length: i32,
    n_mels: i32,
}

#[repr(C)]
struct MojoMelSpectrogram {
    _opaque: [u8; 0],
}

#[link(name = "mojo_audio")]
extern "C" {
    fn mojo_audio_last_error() -> *const c_char;
    fn mojo_mel_config_default() -> MojoMelConfig;
    fn mojo_mel_spectrogram_compute(
        samples: *const f32,
        count: usize,
        config: *const MojoMelConfig,
        result: *mut *mut MojoMelSpectrogram,
    ) -> c_int;
    fn mojo_mel_spectrogram_get_shape(
        mel: *const MojoMelSpectrogram,
        n_mels: *mut usize,
        n_frames: *mut usize,
    );
    fn mojo_mel_spectrogram_get_data_ptr(mel: *const MojoMelSpectrogram) -> *const f32;
    fn mojo_mel_spectrogram_free(mel: *mut MojoMelSpectrogram);
}

/// A spectrogram that frees itself.
struct LogMel {
    mel: *mut MojoMelSpectrogram,
}

impl LogMel {
    fn of(audio: &[f32]) -> Result<LogMel, String> {
        let mut mel = std::ptr::null_mut();
        unsafe {
            let config = mojo_mel_config_default();
            if mojo_mel_spectrogram_compute(audio.as_ptr(), audio.len(), &config, &mut mel) != 0 {
                let sentence = CStr::from_ptr(mojo_audio_last_error());
                return Err(sentence.to_string_lossy().into_owned());
            }
        }
        Ok(LogMel { mel })
    }

    fn shape(&self) -> (usize, usize) {
        let (mut n_mels, mut n_frames) = (0, 0);
        unsafe { mojo_mel_spectrogram_get_shape(self.mel, &mut n_mels, &mut n_frames) };
        (n_mels, n_frames)
    }

    fn values(&self) -> &[f32] {
        let (n_mels, n_frames) = self.shape();
        unsafe {
            let first = mojo_mel_spectrogram_get_data_ptr(self.mel);
            std::slice::from_raw_parts(first, n_mels * n_frames)
        }
    }
}

impl Drop for LogMel {
    fn drop(&mut self) {
        unsafe { mojo_mel_spectrogram_free(self.mel) }
    }
}

fn main() -> Result<(), String> {
    let mut state: u32 = 1;
    let audio: Vec<f32> = (0..80_000)
        .map(|_| {
            state = state.wrapping_mul(1664525).wrapping_add(1013904223);
            (state >> 8) as f32 / 16777216.0 - 0.5
        })
        .collect();

    let mel = LogMel::of(&audio)?;
    let (n_mels, n_frames) = mel.shape();
    let sum: f64 = mel.values().iter().map(|&value| f64::from(value)).sum();
    println!("{} x {}, first {:.6}, sum {:.6}", n_mels, n_frames, mel.values()[0], sum);
    Ok(())
}
