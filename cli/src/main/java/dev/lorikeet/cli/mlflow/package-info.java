/**
 * Runs on an MLflow server: {@link dev.lorikeet.cli.mlflow.MlflowRun} sends what it is told in a thread of its own.
 *
 * <p>What always holds: whoever tells it never waits but at the end, and there a few seconds at most; a server that is
 * gone or refuses is told about, and where it is given up, and changes nothing else. A run has a
 * key of its own, in a tag, by which it is found where it goes on or the answer to its making was lost.
 *
 * <p>Source: MLflow's REST API 2.0, {@code mlflow/protos/service.proto}, and the variables of its Python client.
 */
@NullMarked
package dev.lorikeet.cli.mlflow;

import org.jspecify.annotations.NullMarked;
