static inline void butterfly_2(float *a, float *b)
{
    for (int part = 0; part < 2; part++) {
        float sum = a[part] + b[part];
        b[part] = a[part] - b[part];
        a[part] = sum;
    }
}
