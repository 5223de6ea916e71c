    float *middle = frame + POINTS; /* bin POINTS / 2 is conjugate to itself */
    middle[0] = middle[0] * middle[0] + middle[1] * middle[1];
