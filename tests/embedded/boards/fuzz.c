/* Random clips in random blocks, some with NaN, infinity and extreme samples: the same bits as one push. */
#include "frontend.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef INTEGERS
typedef int16_t sample;
typedef uint16_t feature;
#define frontend_push frontend_push_int16
#define draw_sample draw_integer
#else
typedef float sample;
typedef float feature;
#endif

enum { LONGEST = 20000, MOST_ROWS = 4000 };

static sample samples[LONGEST];
static feature rows[2][MOST_ROWS][FRONTEND_NUM_BANDS];
static uint32_t random_state = 1;

static uint32_t draw(uint32_t below)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (random_state >> 8) % below;
}

#ifdef INTEGERS
static int16_t draw_integer(int strange)
{
    return (int16_t)(strange && draw(3) == 0 ? (draw(2) ? 32767 : -32768) : (int)draw(65536) - 32768);
}
#else
static float draw_sample(int strange)
{
    static const float values[] = {NAN, INFINITY, -INFINITY, FLT_MAX, -FLT_MAX, FLT_MIN, 1e-45f, -0.0f, 1e18f};
    if (strange && draw(50) == 0)
        return values[draw(sizeof values / sizeof *values)];
    return (float)draw(65536) / 32768.0f - 1.0f;
}
#endif

static size_t run(size_t length, size_t longest_block, feature out[][FRONTEND_NUM_BANDS])
{
    /* Of its own size in memory, so that a sanitizer finds a place beyond it. */
    frontend *state = malloc(sizeof *state);
    const feature *row;
    size_t num_rows = 0;
    if (state == NULL)
        exit(2);
    frontend_begin(state);
    for (size_t at = 0, count; at < length; at += count) {
        count = 1 + draw((uint32_t)longest_block);
        if (count > length - at)
            count = length - at;
        sample *block = malloc(count * sizeof *block);
        if (block == NULL)
            exit(2);
        memcpy(block, samples + at, count * sizeof *block);
        const sample *from = block;
        size_t left = count;
        while ((row = frontend_push(state, &from, &left)))
            if (num_rows < MOST_ROWS)
                memcpy(out[num_rows++], row, sizeof *out);
        free(block);
    }
#ifndef INTEGERS
    while ((row = frontend_finish(state)))
        if (num_rows < MOST_ROWS)
            memcpy(out[num_rows++], row, sizeof *out);
#endif
    free(state);
    return num_rows;
}

int main(int argc, char **argv)
{
    int rounds = argc > 1 ? atoi(argv[1]) : 100;
    for (int round = 0; round < rounds; round++) {
        size_t length = draw(round % 2 ? LONGEST : 1500);
        for (size_t i = 0; i < length; i++)
            samples[i] = draw_sample(round % 3 > 0);
        size_t whole = run(length, LONGEST, rows[0]);
        size_t pieces = run(length, 1 + draw(700), rows[1]);
        if (whole != pieces || memcmp(rows[0], rows[1], whole * sizeof *rows[0]) != 0) {
            printf("round %d: %zu samples in blocks give other features\n", round, length);
            return 1;
        }
    }
    return 0;
}
