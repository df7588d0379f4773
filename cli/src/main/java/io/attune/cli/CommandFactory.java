package io.attune.cli;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import picocli.CommandLine;
import picocli.CommandLine.IFactory;

/// Makes the command objects: those that print are given the console.
final class CommandFactory implements IFactory {
  private final Console console;

  CommandFactory(Console console) {
    this.console = console;
  }

  @Override
  public <K> K create(Class<K> type) throws Exception {
    try {
      Constructor<K> constructor = type.getDeclaredConstructor(Console.class);
      constructor.setAccessible(true);
      return constructor.newInstance(console);
    } catch (NoSuchMethodException _) {
      return CommandLine.defaultFactory().create(type);
    } catch (InvocationTargetException failure) {
      throw new IllegalStateException("cannot make the command " + type.getName(), failure);
    }
  }
}
