/* Sum the weighted bins of each band; the weights of all bands stand one after the other. */
static void sum_bands(const float *bins, float *bands)
{
    const float *weight = band_weights;
    for (size_t band = 0; band < BANDS; band++) {
        float sum = 0.0f;
        for (size_t bin = band_first[band], end = bin + band_size[band]; bin < end; bin++)
            sum += bins[bin] * *weight++;
        bands[band] = sum;
    }
}
