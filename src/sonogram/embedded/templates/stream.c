void frontend_begin(frontend *state)
{
    *state = (frontend){0}; /* the zeros in the ring are those before the clip */
    state->lag = PAD_LEFT;
}

/* Return the features of the next frame, NULL until its samples are there. */
static const float *next_row(frontend *state)
{
$wait    return state->lag < READY ? NULL : compute(state);
}

const float *frontend_push(frontend *state, const float **samples, size_t *count)
{
    const float *row;
    while ((row = next_row(state)) == NULL && *count > 0) {
        take(state, *(*samples)++);
        --*count;
    }
    return row;
}

const float *frontend_push_int16(frontend *state, const int16_t **samples, size_t *count)
{
    const float *row;
    while ((row = next_row(state)) == NULL && *count > 0) {
        take(state, (float)*(*samples)++ / 32768.0f);
        --*count;
    }
    return row;
}

const float *frontend_finish(frontend *state)
{
    if (state->total == 0)
        return NULL;
    if (state->lag - state->after < COUNTED)
        return $end;
$extend    while (state->lag < FRONTEND_FRAME_LENGTH) {
        append(state, $beyond);
        state->after++;
    }
    return compute(state);
}
