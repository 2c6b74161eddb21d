"""What puts the rooms together: settings, the web application and the command line."""
