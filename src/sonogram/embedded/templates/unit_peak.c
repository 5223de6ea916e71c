/* Divide the row by its largest absolute value. */
static void normalize(float *row)
{
    float peak = 0.0f;
    for (size_t i = 0; i < ROW; i++) {
        float size = row[i] < 0.0f ? -row[i] : row[i];
        peak = size <= peak ? peak : size; /* NaN stays visible */
    }
    if (peak <= $silence)
        return;
    for (size_t i = 0; i < ROW; i++)
        row[i] /= peak;
}
