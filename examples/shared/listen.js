/** Serves the app on the port, or says in a line why that cannot be. */
export function listen(app, port) {
  app.listen(port, (error) => {
    if (error === undefined) return;
    const taken = `port ${port} is taken. Choose another with the variable PORT, such as PORT=${Number(port) + 1}.`;
    console.error(`unable to start; ${error.code === 'EADDRINUSE' ? taken : error.message}`);
    process.exit(1);
  });
}
