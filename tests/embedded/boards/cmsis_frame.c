/* One frame of yamnet's front end with the functions of CMSIS-DSP, from 16-bit integers to its row.

   Window, real transform of a power of two, magnitude, the same bands, logarithm: of definitions without
   padding and conditioning. */
#include "cmsis_frame.h"
#include "tables.h"

#include "arm_math.h"

#define NAME_OF_INIT(length) arm_rfft_fast_init_##length##_f32
#define INIT(length) NAME_OF_INIT(length) /* the one of this length brings the tables of no other */

static arm_rfft_fast_instance_f32 transform;
static float block[FRONTEND_FFT_LENGTH], spectrum[FRONTEND_FFT_LENGTH + 2], samples[FRONTEND_FRAME_LENGTH];

void cmsis_begin(void)
{
    INIT(FRONTEND_FFT_LENGTH)(&transform);
}

void cmsis_frame(const int16_t *frame, float *row)
{
    const float *weight = band_weights;

    arm_q15_to_float(frame, samples, FRONTEND_FRAME_LENGTH);
    arm_mult_f32(samples, window, block, FRONTEND_FRAME_LENGTH);
    arm_fill_f32(0.0f, block + FRONTEND_FRAME_LENGTH, FRONTEND_FFT_LENGTH - FRONTEND_FRAME_LENGTH);
    arm_rfft_fast_f32(&transform, block, spectrum, 0);
    spectrum[FRONTEND_FFT_LENGTH] = spectrum[1];
    spectrum[1] = spectrum[FRONTEND_FFT_LENGTH + 1] = 0.0f;
    arm_cmplx_mag_f32(spectrum, block, FRONTEND_FFT_LENGTH / 2 + 1);
    for (size_t band = 0; band < FRONTEND_NUM_BANDS; weight += band_size[band++])
        arm_dot_prod_f32(block + band_first[band], weight, band_size[band], row + band);
    arm_offset_f32(row, 0.001f, row, FRONTEND_NUM_BANDS);
    arm_vlog_f32(row, row, FRONTEND_NUM_BANDS);
}
