static void compress(float *values)
{
    for (size_t i = 0; i < BANDS; i++) {
        float x = values[i];
$lines        values[i] = $result;
    }
}
