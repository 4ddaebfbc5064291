@echo off
rem Runs Lorikeet by Java 25 or newer: that of LORIKEET_JAVA_HOME, else of JAVA_HOME, else the first on the PATH.
setlocal
set "java=java"
if defined JAVA_HOME set "java=%JAVA_HOME%\bin\java"
if defined LORIKEET_JAVA_HOME set "java=%LORIKEET_JAVA_HOME%\bin\java"
set "options="
if "%~1"=="serve" set "options=-Dsun.net.httpserver.nodelay=true -Dsun.net.httpserver.maxReqTime=60 -XX:+ExitOnOutOfMemoryError"
"%java%" --add-modules jdk.incubator.vector -XX:MaxRAMPercentage=50 -XX:ObjectAlignmentInBytes=64 -XX:+UseSerialGC -Xmn8m %LORIKEET_JAVA_OPTS% -Dlorikeet.command=lorikeet %options% -cp "%~dp0lib\lorikeet-cli.jar" dev.lorikeet.cli.Main %*
