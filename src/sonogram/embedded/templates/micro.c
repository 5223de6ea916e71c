/* $title: the integer front end of TensorFlow Lite Micro, with the same bits, in C99.

   Written by sonogram $version; frontend.json has the definition. The functions stand in the order in which
   a sample passes them. Widths of types are part of the result: the original drops bits where these do. */
#include "frontend.h"

enum {
    POINTS = FRONTEND_FFT_LENGTH / 2, /* complex points of the transform */
    ESTIMATE_BITS = $scaling_bits, /* fractional bits of a noise estimate */
    REMAINING = $remaining, /* least part of the signal that remains, of 14 fractional bits */
};

$tables

/* Shift right and round down, also below 0, which C leaves to the compiler. */
static int32_t shift_right(int32_t x, int bits)
{
    return x < 0 ? ~(~x >> bits) : x >> bits;
}
$wide
/* Return the 16-bit integer that has the last bits of x. */
static int16_t low_16(int32_t x)
{
    int32_t last = (int32_t)((uint32_t)x & 0xFFFFu);
    return (int16_t)(last < 32768 ? last : last - 65536);
}

static int bit_length(uint32_t x)
{
    int bits = 0;
    for (; x; x >>= 1)
        bits++;
    return bits;
}

/* Window the next frame. Return the bits by which it is scaled up, so that its peak fills 15 bits. */
static int load(frontend *state)
{
    int32_t peak = 0;
    size_t place = (size_t)state->next; /* the ring is full: its next place holds its first sample */
    for (size_t i = 0; i < FRONTEND_FRAME_LENGTH; i++) {
        int32_t x = shift_right(state->ring[place] * window[i], 12);
        int32_t size = x < 0 ? -x : x;
        place = place + 1 < FRONTEND_FRAME_LENGTH ? place + 1 : 0;
        state->frame[order[i]] = (int16_t)x;
        if (size > peak && size < 32768) /* 32768 is negative in 16 bits */
            peak = size;
    }
    const int shift = 15 - bit_length((uint32_t)peak);
    for (size_t i = 0; i < FRONTEND_FRAME_LENGTH; i++)
        state->frame[order[i]] = low_16((int32_t)((uint32_t)state->frame[order[i]] << shift));
    for (size_t i = FRONTEND_FRAME_LENGTH; i < FRONTEND_FFT_LENGTH; i++)
        state->frame[order[i]] = 0;
    return shift;
}

/* Complex numbers of 15 fractional bits. */
typedef struct {
    int16_t re, im;
} complex_16;

static int16_t round_15(int32_t product)
{
    return low_16(shift_right(product + (1 << 14), 15));
}

static complex_16 add(complex_16 a, complex_16 b)
{
    complex_16 sum = {low_16(a.re + b.re), low_16(a.im + b.im)};
    return sum;
}

static complex_16 subtract(complex_16 a, complex_16 b)
{
    complex_16 difference = {low_16(a.re - b.re), low_16(a.im - b.im)};
    return difference;
}

static complex_16 multiply(complex_16 a, const int16_t *root)
{
    complex_16 product = {round_15((int32_t)a.re * root[0] - (int32_t)a.im * root[1]),
                          round_15((int32_t)a.re * root[1] + (int32_t)a.im * root[0])};
    return product;
}

/* Return a bin divided, so that the sums of the next pass fit. */
static complex_16 divided(const int16_t *bin, int divisor)
{
    const int32_t factor = 32767 / divisor;
    complex_16 quotient = {round_15(bin[0] * factor), round_15(bin[1] * factor)};
    return quotient;
}

static void store(int16_t *bin, complex_16 z)
{
    bin[0] = z.re;
    bin[1] = z.im;
}

$passes

/* The Fourier transform, in place: POINTS complex points, then the POINTS + 1 bins of the real samples. */
static void transform(int16_t *frame)
{
$calls
    for (size_t k = 1; 2 * k <= POINTS; k++) {
        int16_t *bin = frame + 2 * k, *other = frame + 2 * (POINTS - k);
        const int16_t conjugate[2] = {other[0], low_16(-other[1])};
        const complex_16 low = divided(bin, 2), high = divided(conjugate, 2);
        const complex_16 even = add(low, high), odd = multiply(subtract(low, high), real_roots + 2 * (k - 1));
        bin[0] = low_16(shift_right(even.re + odd.re, 1));
        bin[1] = low_16(shift_right(even.im + odd.im, 1));
        other[0] = low_16(shift_right(even.re - odd.re, 1));
        other[1] = low_16(shift_right(odd.im - even.im, 1));
    }
    const complex_16 first = divided(frame, 2);
    frame[0] = low_16(first.re + first.im);
    frame[2 * POINTS] = low_16(first.re - first.im);
    frame[1] = frame[2 * POINTS + 1] = 0;
}

/* Return the square root, rounded; the original rounds 65535.5 and above down to stay in 16 bits. */
static uint32_t square_root(uint64_t x)
{
    uint64_t root = 0, rest = x;
    for (uint64_t bit = (uint64_t)1 << 52; bit; bit >>= 2) {
        if (rest >= root + bit) {
            rest -= root + bit;
            root = (root >> 1) + bit;
        } else {
            root >>= 1;
        }
    }
    return (uint32_t)root + (rest > root && (root != 0xFFFFu || x > 0xFFFFFFFFu));
}

static uint32_t square(int16_t x)
{
    return (uint32_t)((int32_t)x * x);
}

/* Return the amplitude of a band of the scaled frame; `weight` begins with its first filter weight. */
static uint32_t amplitude(const int16_t *frame, size_t band, const uint16_t *weight)
{
    uint64_t energy = 0;
    for (size_t bin = band_first[band], end = bin + band_size[band]; bin < end; bin++)
        energy += (uint64_t)(square(frame[2 * bin]) + square(frame[2 * bin + 1])) * *weight++;
    return square_root(energy);
}

/* Update the noise estimate of a band, and return the signal without that noise. */
static uint32_t reduce_noise(uint32_t signal, uint32_t *estimate, uint32_t smoothing)
{
    const uint32_t raised = signal << ESTIMATE_BITS;
    *estimate = (uint32_t)(((uint64_t)raised * smoothing + (uint64_t)*estimate * (16384u - smoothing)) >> 14);
    const uint32_t least = (uint32_t)(((uint64_t)signal * REMAINING) >> 14);
    const uint32_t reduced = (raised - (*estimate < raised ? *estimate : raised)) >> ESTIMATE_BITS;
    return reduced > least ? reduced : least;
}
$gain$logarithm
/* Compute the features of the next frame. */
static const uint16_t *compute(frontend *state)
{
    const uint16_t *weight = band_weights;
    const int shift = load(state);
    transform(state->frame);
    for (size_t band = 0; band < FRONTEND_NUM_BANDS; weight += band_size[band++]) {
        uint32_t signal = amplitude(state->frame, band, weight) >> shift;
        signal = reduce_noise(signal, &state->estimates[band], smoothing[band % 2]);
$steps        state->row[band] = (uint16_t)(signal < 65535u ? signal : 65535u);
    }
    state->lag -= FRONTEND_FRAME_STEP;
    return state->row;
}

void frontend_begin(frontend *state)
{
    *state = (frontend){0};
}

const uint16_t *frontend_push_int16(frontend *state, const int16_t **samples, size_t *count)
{
    while (*count > 0) {
        state->ring[state->next] = *(*samples)++;
        state->next = state->next + 1 < FRONTEND_FRAME_LENGTH ? state->next + 1 : 0;
        --*count;
        if (++state->lag == FRONTEND_FRAME_LENGTH)
            return compute(state);
    }
    return NULL;
}
