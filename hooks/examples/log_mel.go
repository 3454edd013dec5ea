// SPDX-License-Identifier: MIT
// Five seconds of noise as a log-mel spectrogram.
// go build log_mel.go
package main

// #cgo pkg-config: mojo_audio
// #include <mojo_audio.h>
import "C"

import (
	"fmt"
	"os"
	"runtime"
	"unsafe"
)

// logMel returns the values, [mel][frame], and their shape.
func logMel(audio []float32) (values []float32, nMels, nFrames int, err error) {
	runtime.LockOSThread() // the last error is the thread's
	defer runtime.UnlockOSThread()
	config := C.mojo_mel_config_default()
	var mel *C.MojoMelSpectrogram
	samples := (*C.float)(unsafe.Pointer(&audio[0]))
	if C.mojo_mel_spectrogram_compute(samples, C.size_t(len(audio)), &config, &mel) != 0 {
		return nil, 0, 0, fmt.Errorf("%s", C.GoString(C.mojo_audio_last_error()))
	}
	defer C.mojo_mel_spectrogram_free(mel)
	var rows, columns C.size_t
	C.mojo_mel_spectrogram_get_shape(mel, &rows, &columns)
	values = make([]float32, rows*columns)
	C.mojo_mel_spectrogram_get_data(mel, (*C.float)(unsafe.Pointer(&values[0])), rows*columns)
	return values, int(rows), int(columns), nil
}

func main() {
	audio := make([]float32, 80000)
	state := uint32(1)
	for i := range audio {
		state = state*1664525 + 1013904223
		audio[i] = float32(state>>8)/16777216.0 - 0.5
	}
	values, nMels, nFrames, err := logMel(audio)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	sum := 0.0
	for _, value := range values {
		sum += float64(value)
	}
	fmt.Printf("%d x %d, first %.6f, sum %.6f\n", nMels, nFrames, values[0], sum)
}
