// SPDX-License-Identifier: MIT
#ifndef ASIOWIRE_HOOKS_READY_SWEEP_WORDS_H
#define ASIOWIRE_HOOKS_READY_SWEEP_WORDS_H

/* What `asiowire hooks sweep` writes and the hook `volterra` listens for, unless both are told
 * otherwise in the same words: f1=, f2=, seconds=. Units: Hz, seconds */

#define SWEEP_F1 "20"
#define SWEEP_F2 "20000"
#define SWEEP_SECONDS "10"

/* Fewer octaves could not be told from other sounds. */
#define SWEEP_F2_OVER_F1 4.0

enum {
    SWEEP_F1_LEAST = 10,
    SWEEP_F1_MOST = 1000,
    SWEEP_F2_LEAST = 100,
    SWEEP_F2_MOST = 95000,
    SWEEP_SECONDS_LEAST = 1,
    SWEEP_SECONDS_MOST = 30
};

/* The rates that a file may have been made for. Units: Hz */
#define SWEEP_RATES {44100, 48000, 88200, 96000, 176400, 192000}

#endif
