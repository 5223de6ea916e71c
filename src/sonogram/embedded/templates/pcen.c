/* Per-channel energy normalization: divide by the smoothed energy, and compress what remains. */
static void compress(frontend *state, float *values)
{
    for (size_t i = 0; i < BANDS; i++) {
        const float x = values[i];
        const float energy = $smoothed;
        const float level = x * expf(-$gain * logarithm(energy + $epsilon));
        state->smoothed[i] = energy;
        values[i] = $result;
    }
    state->has_energy = 1;
}
