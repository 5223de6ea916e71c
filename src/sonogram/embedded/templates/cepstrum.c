/* Multiply the bands by the matrix of the cosine transform, a row for each coefficient. */
static void transform_bands(const float *bands, float *coefficients)
{
    const float *weight = cepstrum;
    for (size_t i = 0; i < COEFFICIENTS; i++) {
        float sum = 0.0f;
        for (size_t band = 0; band < BANDS; band++)
            sum += bands[band] * *weight++;
        coefficients[i] = sum;
    }
}
