#!/usr/bin/perl
# What assayd does when the machine lets it down: no descriptors, no memory, no
# disk, a clock that jumps, a syslog that nobody reads, an MTA that stops in
# the middle or talks nonsense. Nothing hangs, no forgery passes, the log says
# it once and says its end, and it goes on as before.
use strict;
use warnings;
use Test::More;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use Fcntl qw(O_NONBLOCK O_RDWR);
use IO::Socket::UNIX;
use POSIX qw(mkfifo);
use Socket qw(SOCK_DGRAM);
use Time::HiRes qw(sleep time);
use Assay::Daemon;
use Assay::Dir qw(slurp spew wait_for);
use Assay::Fetched qw(need);
use Assay::Milter;
use Assay::World;

need('knotd');
my $world = Assay::World->new(
    zones => { 'jumps.example' => '',
        'legit.example' => qq(\@ TXT "v=spf1 -all"\n* TXT "v=spf1 -all"\n_dmarc TXT "v=DMARC1; p=reject"\n) });
my $dir = $world->dir;
my $top = $ENV{top_srcdir} // '.';
my $program = ($ENV{top_builddir} // '.') . '/assayd';
my $keys_tool = ($ENV{top_builddir} // '.') . '/assay';
my %common = (internal_networks => ['10.0.0.0/8'], enforce => 'reject', deadline => 3);
my $sanitized = ($ENV{cflags} // '') =~ /-fsanitize/;

sub wrapper {
    my ($name, $text) = @_;
    return $dir->write("$name.sh", "#!/bin/sh\n$text\n", 0755);
}

sub opened {
    my ($assayd, $ip) = @_;
    my $m = Assay::Milter->new($assayd->milter_socket, timeout => 20);
    $m->negotiate or return;
    $m->connect('client.example', $ip // '203.0.113.9', 4242);
    $m->helo('client.example');
    return $m;
}

my $n = 0;
sub judge {
    my ($m, $from) = @_;
    $from //= 'a@n' . ++$n . '.legit.example';
    $m->mail("<$from>");
    $m->header('From', " $from");
    $m->eoh;
    return $m->eom;
}

# Is a forgery refused, and outbound mail signed?
sub serves {
    my ($assayd, $when) = @_;
    my $t = time;
    my $in = opened($assayd);
    my @refused = $in ? judge($in) : ();
    like +(@refused ? $refused[-1]{payload} : 'no connection'), qr/^550 5\.7\.1 /, "$when: a forgery is refused"
        or diag substr $assayd->log, -2000;
    my $out = opened($assayd, '10.0.0.1');
    is scalar(grep { ($_->{name} // '') eq 'DKIM-Signature' } $out ? judge($out, 'a@shop.example') : ()), 2, "$when: mail is signed";
    cmp_ok time - $t, '<', 15, "$when: in time";
    return;
}

sub cpu_s {
    my ($pid) = @_;
    my @f = split ' ', slurp("/proc/$pid/stat") =~ s/.*\)//sr;
    return ($f[11] + $f[12]) / 100;
}

subtest 'descriptors' => sub {
    my $assayd = $world->assayd(%common, NAME => 'descriptors',
        PROGRAM => wrapper('descriptors', "ulimit -n 100; exec $program \"\$\@\""));
    serves($assayd, 'before');
    my (@open, $hung);
    for (1 .. 80) {
        my $m = Assay::Milter->new($assayd->milter_socket, timeout => 10);
        my $t = time;
        push @open, $m if $m->negotiate;
        $hung++ if time - $t > 6;
    }
    ok !$hung, 'nobody waits';
    cmp_ok scalar @open, '>=', 40, 'many are served: ' . @open;
    cmp_ok scalar @open, '<=', 50, 'others are turned away at once';
    is scalar $assayd->log_lines(qr/connections_refused why="as many connections as there may be"/), 1, 'told once';
    my $before = cpu_s($assayd->{pid});
    sleep 0.5;
    cmp_ok cpu_s($assayd->{pid}) - $before, '<', 0.3, 'it does not spin';
    $_->connect('client.example', '203.0.113.9', 4242) for @open;
    is scalar(grep { (judge($_))[-1]{payload} =~ /^550/ } @open[0 .. 9]), 10, 'and those inside are served, DNS and all';
    $_->quit for @open;
    sleep 1.2;
    serves($assayd, 'after');
    ok $assayd->wait_log(qr/connections_accepted state=again refused=\d\d/, 5), 'the end is told';
    is scalar $assayd->log_lines(qr/connections_/), 2, 'once' or diag join "\n", $assayd->log_lines(qr/connections_/);
    is $assayd->stop_daemon, 0, 'ends well' or diag $assayd->log;
};

subtest 'an MTA that stops, or talks nonsense' => sub {
    my $assayd = $world->assayd(%common, NAME => 'nonsense');
    my $began = time;
    my @stages = (
        negotiate => sub { $_[0]->negotiate },
        connect   => sub { $_[0]->connect('client.example', '203.0.113.9', 4242) },
        helo      => sub { $_[0]->helo('client.example') },
        macros    => sub { $_[0]->packet('D', "Mi\0QUEUEID\0") },
        mail      => sub { $_[0]->mail('<a@legit.example>') },
        header    => sub { $_[0]->header('From', ' a@legit.example') },
        'end of header' => sub { $_[0]->eoh },
        body      => sub { $_[0]->body("hi\r\n") },
        'end of message' => sub { $_[0]->eom },
    );
    my %nonsense = (
        'half a length'    => "\0\0",
        'half a packet'    => pack('N', 100) . 'Lhalf',
        'no length'        => pack('N', 0),
        'too long'         => pack('N', 0x10000000) . 'L',
        'negative'         => pack('N', 0xffffffff) . 'L',
        'no such command'  => pack('N/a*', 'zzz'),
        'no NUL'           => pack('N/a*', 'Lname'),
        'one string'       => pack('N/a*', "L\0"),
        'odd macros'       => pack('N/a*', "DMi\0") . pack('N/a*', "DEi\0x\0j\0") . pack('N/a*', 'M<a>'),
        'no address'       => pack('N/a*', 'M'),
        'bad family'       => pack('N/a*', "Chost\0" . 'X12x'),
        'unfinished offer' => pack('N/a*', "O\0\0"),
    );
    my @held;
    for my $upto (-1 .. $#stages / 2) {
        for my $what (undef, sort keys %nonsense) {
            my $m = Assay::Milter->new($assayd->milter_socket, timeout => 10);
            $stages[2 * $_ + 1]->($m) for 0 .. $upto;
            $m->raw($nonsense{$what}) if $what;
            push @held, $m;
        }
    }
    cmp_ok scalar @held, '>', 100, 'connections left where they are: ' . @held;
    ok $assayd->alive, 'alive';
    serves($assayd, 'with all of them');
    close $_->{socket} for @held;
    my $open = sub { scalar grep { m{/(\d+)$} && $1 >= 200 && (readlink // '') =~ /^socket/ } glob "/proc/$assayd->{pid}/fd/*" };
    ok wait_for(sub { !$open->() }, 20), 'all are gone when their MTAs are' or diag $open->();
    my $told = $assayd->log_lines(qr/milter_malformed/);
    ok $told && $told <= 1 + (time - $began) / 60, 'told once a minute at most' or diag $told;
    my %says;
    $says{ s/.* library says=//r =~ s/\d+/N/gr }++ for $assayd->log_lines(qr/ library says=/);
    cmp_ok scalar keys %says, '>', 0, 'what libmilter would tell syslog of it is in the log';
    is_deeply [grep { $says{$_} > 1 + (time - $began) / 60 } sort keys %says], [], 'each text once a minute at most' or diag explain \%says;
    serves($assayd, 'afterwards');
    is $assayd->stop_daemon, 0, 'ends well' or diag $assayd->log;
};

subtest 'a standard error that nobody reads' => sub {
    my $fifo = $dir->path('stuck.fifo');
    mkfifo($fifo, 0600) or die "$fifo: $!";
    sysopen my $reader, $fifo, O_RDWR | O_NONBLOCK or die "$fifo: $!";
    fcntl $reader, 1031, 16_384;    # F_SETPIPE_SZ: soon full
    my $assayd = Assay::Daemon->new($dir, name => 'stuck-stderr', program => wrapper('stuck-stderr', "exec $program \"\$\@\" 2> $fifo"),
        options => { %common, authserv_id => 'mx.test.example', user => '', log => 'stderr', key_dir => $world->{keys},
            nameservers => ['127.0.0.1@' . $world->dns->port] });
    my ($lines, $some) = ('');
    my $read = sub { $lines .= $some while sysread $reader, $some, 65_536; $lines };
    ok wait_for(sub { $read->() =~ /testr:rsa-sha256:active|key_active d=shop\.example s=testr/ }, 15), 'it is read, at first';
    my $m = opened($assayd);
    my $t = time;
    is scalar(grep { ((judge($m))[-1]{payload} // '') =~ /^550/ } 1 .. 60), 60, 'mail is judged with nobody reading';
    cmp_ok time - $t, '<', 15, 'and does not wait for it';
    $read->();
    judge($m);
    ok wait_for(sub { $read->() =~ /log_lost lines=\d+/ }, 5), 'what was lost is told when somebody reads';
    is scalar(() = $lines =~ /log_lost/g), 1, 'once';
    is $assayd->stop_daemon, 0, 'ends well';
};

subtest 'a syslog that nobody reads' => sub {
    my $syslog = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => $dir->path('stuck.socket')) or die "$!";
    my $assayd = Assay::Daemon->new($dir, name => 'stuck', options => { %common, authserv_id => 'mx.test.example',
        user => '', syslog_socket => $dir->path('stuck.socket'), key_dir => $world->{keys},
        nameservers => ['127.0.0.1@' . $world->dns->port] });
    my ($lines, $line) = ('');
    $syslog->blocking(0);
    my $read = sub { $lines .= "$line\n" while defined $syslog->recv($line, 9000); $lines };
    ok wait_for(sub { $read->() =~ /testr:rsa-sha256:active|key_active d=shop\.example s=testr/ }, 15), 'it is read, at first';
    my $m = opened($assayd);
    my $t = time;
    is scalar(grep { ((judge($m))[-1]{payload} // '') =~ /^550/ } 1 .. 60), 60, 'mail is judged with nobody reading';
    cmp_ok time - $t, '<', 15, 'and does not wait for it';
    serves($assayd, 'meanwhile');
    $read->();
    judge($m);
    ok wait_for(sub { $read->() =~ /log_lost lines=\d+/ }, 5), 'what was lost is told when somebody reads';
    is scalar(() = $lines =~ /log_lost/g), 1, 'once';
    is $assayd->stop_daemon, 0, 'ends well' or diag $assayd->log;
};

subtest 'a full disk' => sub {
    my $full = $dir->dir('full', 0700);
    my $assayd = $world->assayd(%common, NAME => 'full', log_level => 'warning', wait => 0,
        PROGRAM => wrapper('log-full', "exec $program \"\$\@\" 2>/dev/full"));
    sleep 0.5;
    serves($assayd, 'no room for the log');
    is $assayd->stop_daemon, 0, 'ends well';

    # Keys on a disk of 64 kB that is full, in a mount namespace of its own.
    my $script = wrapper('keys-full', <<"EOT");
mount -t tmpfs -o size=64k none $full && cp -a $world->{keys}/. $full && find $full -type f ! -name '*.pem' -delete && dd if=/dev/zero of=$full/.fill bs=1k 2>/dev/null
exec "\$\@"
EOT
    $assayd = $world->assayd(%common, NAME => 'keys-full', key_dir => $full,
        PROGRAM => wrapper('in-namespace', "exec unshare -m $script $program \"\$\@\""));
    serves($assayd, 'no room for the state of keys');
    ok $assayd->wait_log(qr/No space left on device/, 10), 'the log says so' or diag $assayd->log;
    is scalar $assayd->log_lines(qr/ key_stamp .*No space left/), 2, 'once for each key' or diag join "\n", $assayd->log_lines(qr/No space left/);
    is $assayd->stop_daemon, 0, 'ends well' or diag $assayd->log;
    my $tool = ($ENV{top_builddir} // '.') . '/assay';
    my $conf = $dir->write('full.conf', qq(user = ""\nkey_dir = "$full"\n));
    my $out = `unshare -m $script sh -c '$tool keys new -c $conf new.example k; echo status=\$?; find $full/new.example' 2>&1`;
    like $out, qr/No space left on device/, 'assay keys new: says so';
    unlike $out, qr/status=0/, 'and fails';
    unlike $out, qr{new\.example/\S+\.pem$}m, 'and leaves no half of a key' or diag $out;

    # Of a domain whose keys rotate the next one is due and finds no room.
    my $mine = $dir->dir('rotate-keys', 0700);
    my %rotate = (require_published => 'no', key_types => ['ed25519'], key_lifetime => 5, key_wait => 0, key_retire => 0, key_remove => 0);
    $conf = $dir->write('rotate.conf', join '', qq(user = ""\nkey_dir = "$mine"\n),
        map { "$_ = " . (ref $rotate{$_} ? "{ @{ $rotate{$_} } }" : $rotate{$_}) . "\n" } sort keys %rotate);
    $out = `$tool keys init -c $conf rotate.example 2>&1`;
    is $?, 0, 'assay keys init' or diag $out;
    $script = wrapper('rotate-full', <<"EOT");
mount -t tmpfs -o size=64k none $full && cp -a $mine/. $full
(for i in \$(seq 300); do test -e $full.now && break; sleep 0.1; done; exec dd if=/dev/zero of=$full/.fill bs=1k 2>/dev/null) &
exec "\$\@"
EOT
    $assayd = $world->assayd(%common, %rotate, NAME => 'rotate-full', key_dir => $full, wait => 0,
        PROGRAM => wrapper('in-namespace', "exec unshare -m $script $program \"\$\@\""));
    ok $assayd->wait_log(qr/key_step d=rotate\.example .*step=active/, 20), 'a key is in use' or diag $assayd->log;
    spew("$full.now", '');
    ok $assayd->wait_log(qr/key_store .*No space left on device/, 20), 'rotation: the log says so' or diag $assayd->log;
    sleep 3;
    is scalar $assayd->log_lines(qr/key_store /), 1, 'once' or diag join "\n", $assayd->log_lines(qr/key_store /);
    $out = opened($assayd, '10.0.0.1');
    is scalar(grep { ($_->{name} // '') eq 'DKIM-Signature' } judge($out, 'a@rotate.example')), 1, 'and the key there is signs on';
    is $assayd->stop_daemon, 0, 'ends well' or diag $assayd->log;
};

# --- the shim --------------------------------------------------------------------
my $shim = $dir->path('faults.so');
system(($ENV{cc} // 'cc') . " -O1 -shared -fPIC -o $shim " . ($sanitized ? '-DNO_MALLOC ' : '')
    . "$top/t/probe/faults_shim.c -ldl") == 0 or die "faults_shim.c does not compile\n";
my $faults = $dir->write('faults', "0 0\n");
sub shimmed {
    my ($name, %o) = @_;
    # The shim reads its orders inside the sandbox.
    return $world->assayd(%common, NAME => $name, %o, sandbox_read => [$dir->{path}], ENV => { LD_PRELOAD => $shim, FAULTS => $faults,
        ASAN_OPTIONS => 'abort_on_error=1:verify_asan_link_order=0' });
}
sub faults { my ($text) = @_; spew("$faults.new", "$text\n"); rename "$faults.new", $faults; sleep 0.1; return }

subtest 'the clock jumps' => sub {
    my $assayd = shimmed('clock');
    serves($assayd, 'before');
    my $jumps = 0;
    for my $offset (3600, -3600, 86_400 * 4000, -86_400 * 4000, 0) {
        faults("$offset 0");
        serves($assayd, "$offset s");
        $jumps++;
        ok wait_for(sub { $assayd->log_lines(qr/clock_jumped by_s=-?\d+/) == $jumps }, 15), "$offset s: told once"
            or diag join "\n", $assayd->log_lines(qr/clock_/);
    }
    is $assayd->stop_daemon, 0, 'ends well' or diag $assayd->log;
};

# What each server shows is what counts, and how long it has; not the date.
subtest 'the clock jumps while keys rotate' => sub {
    faults('0 0');
    my @jumps = (86_400 * 4000, -86_400 * 4000);
    my $store = $dir->dir('jumping', 0700);
    my $assayd = shimmed('jumping', wait => 0, key_dir => $store, check_via => 'resolver', key_check_interval => 1,
        key_types => ['ed25519'], key_wait => 2, key_retire => 6, key_remove => 6, key_lifetime => '30d');
    my $tool = sub {
        my @said = `$keys_tool keys @_ -c $assayd->{path}/assay.conf 2>&1`;
        is $? >> 8, 0, "assay keys @_" or diag @said;
        return join '', @said;
    };
    my $steps = sub { return join ' ', map { /s=(\S+) .*step=(\w+)/ ? "$1=$2" : () }
        $assayd->log_lines(qr/key_step d=jumps\.example .*by=assayd/) };
    my $signs = sub {
        my $m = opened($assayd, '10.0.0.1') or return 'no connection';
        return join ' ', sort map { ($_->{name} // '') eq 'DKIM-Signature' && $_->{value} =~ /\bs=(\w+)/ ? $1 : () }
            judge($m, 'a@jumps.example');
    };
    # Through all the jumps, with time for a look between them.
    my $stays = sub {
        my ($want, $when) = @_;
        for my $offset (@jumps) {
            faults("$offset 0");
            sleep 1.2;
            is $signs->(), $want, "$when, $offset s";
        }
        return;
    };
    my $show = sub {
        my ($records) = @_;
        while ($records =~ /^(\w+\._domainkey)\.jumps\.example\. \d+ IN TXT \( (.*) \)$/mg) {
            $world->dns->set('jumps.example', $1, 'TXT', $2);
        }
        return;
    };
    my $records = $tool->('init', 'jumps.example');
    my ($old) = $records =~ /^(e\d{6})\._domainkey/m;
    $stays->('', 'nobody has seen the key');
    is $steps->(), '', 'nothing was done';
    # While the daemon remembers, dated in years to come, that there is nothing.
    faults("$jumps[0] 0");
    sleep 1.2;
    faults('0 0');
    $show->($records);
    ok wait_for(sub { $signs->() eq $old }, 20), 'it signs when it is seen' or diag $assayd->log;
    $stays->($old, 'the key signs');
    is $steps->(), "$old=published $old=active", 'and does nothing else';
    $tool->('rotate', 'jumps.example');
    my ($new) = grep { $_ ne $old } map { m{(\w+)\.state$} } glob "$store/jumps.example/*.state";
    $stays->($old, 'the next one is not seen');
    $show->($tool->('publish', 'jumps.example'));
    ok wait_for(sub { $signs->() eq $new }, 20), 'it takes over' or diag $assayd->log;
    my $retired = time;
    $stays->($new, 'it has taken over');
    unlike $steps->(), qr/$old=revoked/, 'the old one is not revoked early';
    ok $assayd->wait_log(qr/s=$old .*step=revoked/, 20), 'but it is';
    cmp_ok time - $retired, '>', 4, 'in its own time';
    unlike $assayd->log, qr/key_store |step=(?:not_|vanished)/, 'nothing was missed';
    is $assayd->stop_daemon, 0, 'ends well' or diag $assayd->log;
    faults('0 0');
};

SKIP: {
    skip 'the sanitizers allocate themselves', 1 if $sanitized;
    subtest 'no memory' => sub {
        my $assayd = shimmed('memory');
        serves($assayd, 'before');
        my %seen;
        for my $one_in (1000, 100, 30) {
            faults("0 $one_in");
            for (1 .. 30) {
                my $m = eval { opened($assayd) };
                my @all = $m ? judge($m) : { code => '', payload => '' };
                my $last = $all[-1];
                my ($field) = map { $_->{value} } grep { ($_->{name} // '') eq 'Authentication-Results' } @all;
                my $said = $last->{code} eq 'a' ? (grep { ($_->{name} // '') eq 'X-Assay-Quarantine' } @all) ? 'quarantine'
                    : ($field // 'unstamped') =~ s/.*\bdmarc=(\w+).*/$1/sr
                    : ($last->{payload} // '') =~ /^(\d{3})/ ? $1 : 'hung up';
                $seen{$said}++;
            }
            last unless $assayd->alive;
        }
        faults('0 0');
        ok $assayd->alive, 'alive' or diag substr $assayd->log, -3000;
        note join ', ', map { "$_: $seen{$_}" } sort keys %seen;
        cmp_ok $seen{451} // 0, '>', 0, 'messages are put off';
        is_deeply [grep { !/^(?:451|550|quarantine|temperror|hung up)$/ } keys %seen], [], 'and none passes' or diag explain \%seen;
        ok $assayd->wait_log(qr/internal_error .*why="(?:out of|no) memory/, 5), 'the log says why' or diag substr $assayd->log, -2000;
        serves($assayd, 'afterwards');
        is $assayd->stop_daemon, 0, 'ends well' or diag substr $assayd->log, -2000;
    };
}
done_testing;
