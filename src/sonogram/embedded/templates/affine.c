static void normalize(float *row)
{
    for (size_t i = 0; i < ROW; i++) {
        float x = (row[i] - $mean) * $gain;
$lines        row[i] = x;
    }
}
