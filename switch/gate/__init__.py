"""Where terminals and hosts connect: frames in, batches through the authoriser, replies out once durable."""
