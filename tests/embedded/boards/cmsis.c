/* The frames of the front end with the functions of CMSIS-DSP: print its instructions and its difference.

   Window, real transform of a power of two, magnitude, the same bands, logarithm: of definitions without
   padding and conditioning, such as yamnet. */
#include "count.h"
#include "tables.h"
#include "golden.h"

#include "arm_math.h"

static float block[FRONTEND_FFT_LENGTH], spectrum[FRONTEND_FFT_LENGTH + 2], bands[FRONTEND_NUM_BANDS];
static float samples[FRONTEND_FRAME_LENGTH];

int main(void)
{
    arm_rfft_fast_instance_f32 transform;
    float worst = 0.0f;
    double count = 0.0;

    start_ticks();
    double per_tick = instructions_per_tick();
    arm_rfft_fast_init_f32(&transform, FRONTEND_FFT_LENGTH);
    for (size_t row = 0; row < GOLDEN_ROWS; row++) {
        uint32_t begin = ticks();
        arm_q15_to_float(golden_samples + row * FRONTEND_FRAME_STEP, samples, FRONTEND_FRAME_LENGTH);
        arm_mult_f32(samples, window, block, FRONTEND_FRAME_LENGTH);
        arm_fill_f32(0.0f, block + FRONTEND_FRAME_LENGTH, FRONTEND_FFT_LENGTH - FRONTEND_FRAME_LENGTH);
        arm_rfft_fast_f32(&transform, block, spectrum, 0);
        spectrum[FRONTEND_FFT_LENGTH] = spectrum[1];
        spectrum[1] = spectrum[FRONTEND_FFT_LENGTH + 1] = 0.0f;
        arm_cmplx_mag_f32(spectrum, block, FRONTEND_FFT_LENGTH / 2 + 1);
        const float *weight = band_weights;
        for (size_t band = 0; band < FRONTEND_NUM_BANDS; weight += band_size[band++])
            arm_dot_prod_f32(block + band_first[band], weight, band_size[band], bands + band);
        arm_offset_f32(bands, 0.001f, bands, FRONTEND_NUM_BANDS);
        arm_vlog_f32(bands, bands, FRONTEND_NUM_BANDS);
        count += (double)((ticks() - begin) & 0xFFFFFF) * per_tick;
        for (size_t i = 0; i < FRONTEND_NUM_BANDS; i++) {
            float difference = bands[i] - golden_features[row * FRONTEND_NUM_BANDS + i];
            worst = fmaxf(worst, fabsf(difference));
        }
    }
    printf("instructions %.0f\n", count * FRONTEND_SAMPLE_RATE / FRONTEND_FRAME_STEP / GOLDEN_ROWS);
    printf("difference %.2g\n", (double)worst);
    return 0;
}
